package dev.guard;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.guard.os.Kernel;
import dev.guard.os.Os;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The law of the layout: who may use whom. */
class ArchitectureTest {
  private static final String ROOT = "dev.guard";
  private static final List<String> STAGES =
      List.of("admission", "launch", "limits", "monitor", "reap", "record");
  private static final JavaClasses CORE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  static Stream<String> stages() {
    return STAGES.stream();
  }

  private static String stage(String name) {
    return ROOT + ".exec." + name;
  }

  private static DescribedPredicate<JavaClass> oursBut(String... packages) {
    return resideInAPackage(ROOT + "..").and(not(resideInAnyPackage(packages)));
  }

  @Test
  void theStagesAreThoseOfTheLaw() {
    List<String> found =
        CORE.stream()
            .map(JavaClass::getPackageName)
            .filter(p -> p.startsWith(stage("")))
            .map(p -> p.substring(stage("").length()))
            .distinct()
            .sorted()
            .toList();
    assertThat(found).isEqualTo(STAGES);
  }

  @ParameterizedTest
  @MethodSource("stages")
  void aStageUsesTheRootValuesConfigOsAndTheStagesBeforeIt(String name) {
    List<String> allowed =
        new ArrayList<>(List.of(ROOT, ROOT + ".config", ROOT + ".os", stage(name)));
    STAGES.subList(0, STAGES.indexOf(name)).forEach(before -> allowed.add(stage(before)));
    noClasses()
        .that()
        .resideInAPackage(stage(name))
        .should()
        .dependOnClassesThat(oursBut(allowed.toArray(String[]::new)))
        .check(CORE);
  }

  @Test
  void osUsesNothingOfOurs() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".os")
        .should()
        .dependOnClassesThat(oursBut(ROOT + ".os"))
        .check(CORE);
  }

  @Test
  void rootValuesUseOsOnly() {
    noClasses()
        .that()
        .resideInAPackage(ROOT)
        .should()
        .dependOnClassesThat(oursBut(ROOT, ROOT + ".os"))
        .check(CORE);
  }

  @Test
  void configUsesRootValuesAndOsOnly() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".config")
        .should()
        .dependOnClassesThat(oursBut(ROOT, ROOT + ".config", ROOT + ".os"))
        .check(CORE);
  }

  @Test
  void onlyOsCallsTheCLibrary() {
    onlyUser(ROOT + ".os", "com.kenai..", "jnr..");
  }

  /** Faults are injected by whoever hands the kernel in, which what takes it by itself escapes. */
  @Test
  void theKernelIsHandedIn() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(Kernel.class.getName())
        .should()
        .callMethod(Os.class, "linux")
        .check(CORE);
  }

  @Test
  void onlyConfigReadsToml() {
    onlyUser(ROOT + ".config", "org.tomlj..");
  }

  private static void onlyUser(String user, String... libraries) {
    noClasses()
        .that()
        .resideOutsideOfPackage(user)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(libraries)
        .check(CORE);
    assertThat(CORE.stream())
        .as("the law is about something")
        .anyMatch(c -> dependsOn(c, resideInAnyPackage(libraries)));
  }

  private static boolean dependsOn(JavaClass c, DescribedPredicate<JavaClass> wanted) {
    return c.getDirectDependenciesFromSelf().stream()
        .anyMatch(d -> wanted.test(d.getTargetClass()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"session", "doctor"})
  void theRestOfTheCoreDoesNotKnow(String name) {
    String onTop = ROOT + "." + name;
    noClasses()
        .that()
        .resideOutsideOfPackage(onTop)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(onTop)
        .check(CORE);
    assertThat(CORE.stream())
        .as("the law is about something")
        .anyMatch(c -> c.getPackageName().equals(onTop));
  }

  @Test
  void theCoreKnowsNoCommandLine() {
    noClasses().should().dependOnClassesThat().resideInAPackage("picocli..").check(CORE);
  }

  @Test
  void onlyExecItselfSeesAllStages() {
    classes().that(seeing(STAGES)).should().resideInAPackage(ROOT + ".exec").check(CORE);
  }

  private static DescribedPredicate<JavaClass> seeing(List<String> stages) {
    return DescribedPredicate.describe(
        "see all stages",
        c -> stages.stream().allMatch(s -> dependsOn(c, resideInAPackage(stage(s)))));
  }
}
