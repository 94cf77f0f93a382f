package dev.ctr.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Images go to real registries and come back, by the command line. */
final class RegistryTest {
    private static CtrRoot root;

    @BeforeAll
    static void importBusybox() {
        root = CtrRoot.create().withBusybox();
    }

    @AfterAll
    static void nothingIsLeft() {
        root.close();
    }

    @Test
    void anImageComesBackTheSameAndContainersGetTheirsByThemselves() throws IOException {
        try (Registry registry = Registry.open()) {
            String name = registry.address() + "/team/bb";
            Path digestFile = root.directory().resolve("digest");
            root.ctr("push", "--tls-verify=false", "--digestfile", digestFile.toString(), "bb", name + ":v1");
            String id = root.ctr("image", "inspect", "-f", "{{.Id}}", "bb");
            assertThat(Files.readString(digestFile)).isEqualTo(root.ctr("image", "inspect", "-f", "{{.Digest}}", "bb"));
            try (CtrRoot other = CtrRoot.create()) {
                CommandResult pull = other.run("pull", "--tls-verify=false", name + ":v1");
                assertThat(pull.succeeded()).isEqualTo(id);
                assertThat(pull.errors()).contains("Trying to pull " + name + ":v1...");
                other.ctr("rmi", name + ":v1");
                assertThat(other.run("run", "--pull", "never", name + ":v1", "true")
                                .failedWith(125))
                        .contains("image not known");
                assertThat(other.ctr(
                                "run",
                                "--rm",
                                "-q",
                                "--network",
                                "none",
                                "--tls-verify=false",
                                name + ":v1",
                                "cat",
                                "/app/conf"))
                        .isEqualTo("from the image");
                String byDigest = name + "@" + Files.readString(digestFile);
                assertThat(other.ctr("pull", "-q", "--tls-verify=false", byDigest))
                        .isEqualTo(id);
                assertThat(other.ctr("events", "--stream=false", "-f", "event=pull", "--format", "{{.ID}} {{.Name}}"))
                        .contains(id + " " + name + ":v1", id + " " + byDigest);
            }
            assertThat(root.ctr("events", "--stream=false", "-f", "event=push", "--format", "{{.Name}}"))
                    .isEqualTo(name + ":v1");
        }
    }

    @Test
    void theNewestImageIsTakenWhereThatIsAskedFor() {
        try (Registry registry = Registry.open();
                CtrRoot other = CtrRoot.create()) {
            String name = registry.address() + "/moving";
            root.ctr("push", "--tls-verify=false", "bb", name);
            String first = other.ctr("pull", "-q", "--tls-verify=false", name);
            String second = root.ctr(
                            "import",
                            "-q",
                            "--change",
                            "LABEL v=2",
                            Busybox.tar().toString())
                    .substring("sha256:".length());
            root.ctr("push", "--tls-verify=false", second, name);
            assertThat(other.ctr("pull", "-q", "--policy", "missing", "--tls-verify=false", name))
                    .isEqualTo(first);
            assertThat(other.ctr("pull", "-q", "--policy", "newer", "--tls-verify=false", name))
                    .isEqualTo(second);
            registry.close();
            assertThat(other.ctr("pull", "-q", "--policy", "newer", "--tls-verify=false", name))
                    .isEqualTo(second);
            assertThat(other.run("pull", "-q", "--tls-verify=false", name).failedWith(125))
                    .contains("the registry does not answer");
        }
    }

    @Test
    void aGuardedRegistryWantsItsCertificateKnownAndALogin() {
        try (Registry registry = Registry.guarded()) {
            String name = registry.address() + "/guarded/bb:v1";
            String certificates = registry.certificates();
            assertThat(root.run("push", "bb", name).failedWith(125))
                    .contains("the registry's certificate is not trusted", "--cert-dir");
            assertThat(root.run("push", "--cert-dir", certificates, "bb", name).failedWith(125))
                    .contains("the registry wants a login", "--creds");
            assertThat(root.run("push", "--cert-dir", certificates, "--creds", "user:wrong", "bb", name)
                            .failedWith(125))
                    .contains("authentication required")
                    .doesNotContain("wrong");
            root.ctr(
                    "push", "--cert-dir", certificates, "--creds", Registry.USER + ":" + Registry.PASSWORD, "bb", name);
            String authFile = root.directory().resolve("auth.json").toString();
            String[] login = {
                "login",
                "--authfile",
                authFile,
                "--cert-dir",
                certificates,
                "-u",
                Registry.USER,
                "-p",
                "wrong",
                registry.address()
            };
            assertThat(root.run(login).failedWith(125)).contains("does not accept this user and password");
            login[8] = Registry.PASSWORD;
            assertThat(root.ctr(login)).isEqualTo("Login Succeeded!");
            assertThat(root.ctr("login", "--authfile", authFile, "--get-login", registry.address()))
                    .isEqualTo(Registry.USER);
            assertThat(root.ctr("pull", "-q", "--authfile", authFile, "--cert-dir", certificates, name))
                    .isEqualTo(root.ctr("image", "inspect", "-f", "{{.Id}}", "bb"));
            root.ctr("logout", "--authfile", authFile, registry.address());
            assertThat(root.run("pull", "-q", "--authfile", authFile, "--cert-dir", certificates, name)
                            .failedWith(125))
                    .contains("the registry wants a login");
        }
    }

    @Test
    void whatCannotBePulledIsSaidInOneSentence() {
        assertThat(root.run("pull", "nothing").failedWith(125))
                .contains("\"nothing\" does not say in which registry the image is");
        assertThat(root.run("run", "nothing", "true").failedWith(125))
                .contains("nothing: image not known, and no registry can be asked");
        assertThat(root.run("run", "--pull", "sometimes", "bb", "true").failedWith(125))
                .contains("unsupported pull policy \"sometimes\"");
        assertThat(root.run("pull", "--platform", "linux", "localhost/x").failedWith(125))
                .contains("invalid platform \"linux\"");
        assertThat(root.run("pull", "--authfile", "/no/file", "localhost/x").failedWith(125))
                .contains("checking authfile: stat /no/file: no such file or directory");
        try (Registry registry = Registry.open()) {
            assertThat(root.run("pull", "-q", "--tls-verify=false", registry.address() + "/nothing")
                            .failedWith(125))
                    .contains("the registry has no such image");
            assertThat(root.run("pull", "-q", registry.address() + "/nothing").failedWith(125))
                    .contains("the registry does not speak HTTPS", "--tls-verify=false");
        }
    }
}
