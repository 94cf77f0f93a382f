package dev.ctr.test;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The modules, and which may use which: the arrows of docs/architecture.md. */
class ModuleRulesTest {
    private static final JavaClasses PRODUCT = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.ctr");

    @Test
    void arrowsPointOneWay() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .withOptionalLayers(true)
                .layer("cli")
                .definedBy("dev.ctr.cli..")
                .layer("agent")
                .definedBy("dev.ctr.agent..")
                .layer("lifecycle")
                .definedBy("dev.ctr.lifecycle..")
                .layer("archive")
                .definedBy("dev.ctr.archive..")
                .layer("criu")
                .definedBy("dev.ctr.criu..")
                .layer("proto")
                .definedBy("dev.ctr.proto..")
                .whereLayer("cli")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("agent")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("lifecycle")
                .mayOnlyBeAccessedByLayers("cli", "agent")
                .whereLayer("archive")
                .mayOnlyBeAccessedByLayers("cli", "agent", "lifecycle")
                .whereLayer("criu")
                .mayOnlyBeAccessedByLayers("cli", "agent", "lifecycle", "archive")
                .check(PRODUCT);
    }

    @Test
    void onlyTheCommandLineKnowsPicocli() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.ctr.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("picocli..")
                .check(PRODUCT);
    }

    @Test
    void onlyTheSystemCallsUseNativeAccess() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.ctr.criu.linux..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.sun.jna..")
                .check(PRODUCT);
    }

    @Test
    void theArchiveStartsNoProcess() {
        noClasses()
                .that()
                .resideInAPackage("dev.ctr.archive..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.ProcessBuilder")
                .check(PRODUCT);
    }
}
