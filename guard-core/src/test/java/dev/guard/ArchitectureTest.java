package dev.guard;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.value.Environment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks the law of the layout: which room may use which. */
class ArchitectureTest {
  private static final String ROOT = "dev.guard";
  // Each room may use those before it.
  private static final List<String> ROOMS =
      List.of("os", "value", "config", "systemd", "store", "cgroup", "process", "record");
  // In the order in which they run. None knows another one.
  private static final List<String> STAGES =
      List.of("admission", "launch", "limits", "monitor", "reap", "report");
  // Each may use all rooms and stages, and those before it.
  private static final List<String> ON_TOP = List.of("command", "gateway", "session", "doctor");
  // What all areas of the doctor use.
  private static final List<String> DOCTORS_ROOMS = List.of("doctor.finding", "doctor.machine");
  // None knows another one; the doctor alone sees all of them.
  private static final List<String> DOCTORS_AREAS =
      List.of(
          "doctor.cgroup", "doctor.systemd", "doctor.namespace", "doctor.headroom", "doctor.leak");
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

  static Stream<String> doctorsAreas() {
    return DOCTORS_AREAS.stream();
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
        .isEqualTo(
            Stream.of(ROOMS, STAGES, ON_TOP, DOCTORS_ROOMS, DOCTORS_AREAS)
                .flatMap(List::stream)
                .sorted()
                .toList());
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
    List<String> below = new ArrayList<>();
    Stream.of(ROOMS, STAGES, before(name, ON_TOP)).forEach(below::addAll);
    if (name.equals("doctor")) {
      Stream.of(DOCTORS_ROOMS, DOCTORS_AREAS).forEach(below::addAll);
    }
    usesOnly(name, below);
  }

  @ParameterizedTest
  @MethodSource("doctorsAreas")
  void anAreaOfTheDoctorKnowsNoOtherArea(String name) {
    usesOnly(
        name,
        Stream.of(ROOMS, STAGES, before("doctor", ON_TOP), DOCTORS_ROOMS)
            .flatMap(List::stream)
            .toList());
  }

  @Test
  void whatAllAreasOfTheDoctorUseKnowsNoArea() {
    List<String> below =
        Stream.of(ROOMS, STAGES, before("doctor", ON_TOP)).flatMap(List::stream).toList();
    DOCTORS_ROOMS.forEach(name -> usesOnly(name, below));
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

  /** Tells a method by its name, also where it is only referred to, e.g. by System::getenv. */
  private static DescribedPredicate<JavaAccess<?>> isMethod(Class<?> owner, String name) {
    return DescribedPredicate.describe(
        owner.getSimpleName() + "." + name,
        access -> access.getTargetOwner().isEquivalentTo(owner) && access.getName().equals(name));
  }

  @Test
  void onlyOsCallsTheCLibrary() {
    onlyUser(ROOT + ".os", "com.kenai..", "jnr..");
  }

  /** Who starts a program otherwise waits without a deadline, or for the end of a pipe. */
  @Test
  void onlyOsStartsPrograms() {
    noClasses()
        .that()
        .resideOutsideOfPackage(room("os"))
        // It runs where there is no /proc, so no Linux, and os has no calls for that.
        .and()
        .doNotHaveFullyQualifiedName(room("process") + ".Pgrep")
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(ProcessBuilder.class, Process.class)
        .orShould()
        .accessTargetWhere(isMethod(Runtime.class, "exec"))
        .check(CORE);
  }

  /** Faults are injected by whoever hands the kernel in, which what takes it by itself escapes. */
  @Test
  void theKernelIsHandedIn() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(Kernel.class.getName())
        .should()
        .accessTargetWhere(isMethod(Os.class, "linux"))
        .check(CORE);
  }

  /**
   * The caller is a value, since it can be another process than Guard's: variables and a working
   * directory that are taken from this JVM would be those of somebody else.
   */
  @Test
  void onlyCommandsAndTheLibrarysFaceAskThisProcessForWhatTheCallerHas() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".command")
        // At the library's face the caller is the program that this process is.
        .and()
        .resideOutsideOfPackage(ROOT)
        .and()
        .doNotHaveFullyQualifiedName(Environment.class.getName())
        .should()
        .accessTargetWhere(isMethod(System.class, "getenv"))
        .orShould()
        .accessTargetWhere(isMethod(Os.class, "workingDirectory"))
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
