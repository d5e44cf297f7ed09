package dev.guard;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
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
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The law of the layout: who may use whom. */
class ArchitectureTest {
  private static final String ROOT = "dev.guard";
  // Each room may use those before it.
  private static final List<String> ROOMS =
      List.of("os", "value", "config", "systemd", "store", "cgroup", "process", "record");
  // In the order in which they run. None knows another one.
  private static final List<String> STAGES =
      List.of("admission", "launch", "limits", "monitor", "reap", "report");
  // Each may use all rooms and stages, and those before it.
  private static final List<String> ON_TOP = List.of("command", "session", "doctor");
  // What is in the root and used by rooms; all else there is the face of the library.
  private static final Set<String> ROOT_VALUES =
      Set.of(
          "Cause",
          "ExitStatus",
          "Layer",
          "LayerName",
          "Leftovers",
          "LimitUnit",
          "LimitValue",
          "Outcome");
  private static final DescribedPredicate<JavaClass> IS_ROOT_VALUE =
      DescribedPredicate.describe("values of the root", c -> isRootValue(c.getBaseComponentType()));
  private static final JavaClasses CORE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  static Stream<String> rooms() {
    return ROOMS.stream();
  }

  static Stream<String> stages() {
    return STAGES.stream();
  }

  static Stream<String> onTop() {
    return ON_TOP.stream();
  }

  private static boolean isRootValue(JavaClass c) {
    return c.getPackageName().equals(ROOT) && ROOT_VALUES.contains(outermost(c));
  }

  private static String outermost(JavaClass c) {
    return c.getName().substring(c.getPackageName().length() + 1).replaceAll("[$].*", "");
  }

  private static String room(String name) {
    return ROOT + "." + name;
  }

  private static List<String> before(String name, List<String> all) {
    return all.subList(0, all.indexOf(name));
  }

  private static void usesOnly(String name, List<String> others) {
    List<String> allowed = new ArrayList<>(List.of(room(name)));
    if (!name.equals("os")) {
      // The values of the library's face.
      allowed.add(ROOT);
    }
    others.forEach(other -> allowed.add(room(other)));
    noClasses()
        .that()
        .resideInAPackage(room(name))
        .should()
        .dependOnClassesThat(
            resideInAPackage(ROOT + "..")
                .and(not(resideInAnyPackage(allowed.toArray(String[]::new)))))
        .check(CORE);
  }

  @Test
  void theRoomsAreThoseOfTheLaw() {
    List<String> found =
        CORE.stream()
            .map(JavaClass::getPackageName)
            .filter(p -> !p.equals(ROOT))
            .map(p -> p.substring(ROOT.length() + 1))
            .distinct()
            .sorted()
            .toList();
    assertThat(found)
        .isEqualTo(Stream.of(ROOMS, STAGES, ON_TOP).flatMap(List::stream).sorted().toList());
  }

  @ParameterizedTest
  @MethodSource("rooms")
  void aRoomUsesThoseBelowIt(String name) {
    usesOnly(name, before(name, ROOMS));
  }

  @ParameterizedTest
  @MethodSource("stages")
  void aStageUsesRoomsAndNoOtherStage(String name) {
    usesOnly(name, ROOMS);
  }

  @ParameterizedTest
  @MethodSource("onTop")
  void whatIsOnTopUsesThoseBelowIt(String name) {
    usesOnly(name, Stream.of(ROOMS, STAGES, before(name, ON_TOP)).flatMap(List::stream).toList());
  }

  /** The values of the root are for every room; what uses the rooms is for programs alone. */
  @Test
  void valuesOfTheRootUseNothingElse() {
    noClasses()
        .that(IS_ROOT_VALUE)
        .should()
        .dependOnClassesThat(resideInAPackage(ROOT + "..").and(not(IS_ROOT_VALUE)))
        .check(CORE);
  }

  @Test
  void noRoomKnowsTheFaceOfTheLibrary() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT)
        .should()
        .dependOnClassesThat(resideInAPackage(ROOT).and(not(IS_ROOT_VALUE)))
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

  @Test
  void theCoreKnowsNoCommandLine() {
    noClasses().should().dependOnClassesThat().resideInAPackage("picocli..").check(CORE);
  }
}
