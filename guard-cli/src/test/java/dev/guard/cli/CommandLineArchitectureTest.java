package dev.guard.cli;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Checks the law of the command line's rooms: families do not know each other, and few know
 * picocli.
 */
class CommandLineArchitectureTest {
  private static final String ROOT = "dev.guard.cli";

  // Each room with those that it may use; the root alone sees all of them.
  private static final Map<String, List<String>> ROOMS =
      Map.of(
          "shared", List.of(),
          "exec", List.of("shared"),
          "commands", List.of("shared"),
          // What runs in a window of a session is guard exec.
          "session", List.of("shared", "exec"),
          "settings", List.of("shared"),
          "setup", List.of("shared"),
          // It serves guard exec of others.
          "gateway", List.of("shared", "exec"),
          "doctor", List.of("shared", "doctor.agent"),
          // It reads the files that setup writes.
          "doctor.agent", List.of("shared", "setup"));

  // Loading picocli would cost every command 100 ms.
  private static final List<String> WITHOUT_PICOCLI = List.of("shared", "exec");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  static Stream<String> rooms() {
    return ROOMS.keySet().stream();
  }

  private static String room(String name) {
    return ROOT + "." + name;
  }

  @Test
  void theRoomsAreThoseOfTheLaw() {
    List<String> found =
        CLASSES.stream()
            .map(JavaClass::getPackageName)
            .filter(p -> !p.equals(ROOT))
            .map(p -> p.substring(ROOT.length() + 1))
            .distinct()
            .sorted()
            .toList();
    assertThat(found).containsExactlyElementsOf(new TreeSet<>(ROOMS.keySet()));
  }

  @ParameterizedTest
  @MethodSource("rooms")
  void aFamilyUsesWhatAllShareAndNoOtherFamily(String name) {
    String[] allowed =
        Stream.concat(Stream.of(name), ROOMS.get(name).stream())
            .map(CommandLineArchitectureTest::room)
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage(room(name))
        .should()
        .dependOnClassesThat(resideInAPackage(ROOT + "..").and(not(resideInAnyPackage(allowed))))
        .check(CLASSES);
  }

  @Test
  void noRoomsUseEachOther() {
    slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void whatIsOnTheWayOfEveryCommandKnowsNoPicocli() {
    noClasses()
        .that()
        .resideInAnyPackage(
            WITHOUT_PICOCLI.stream().map(CommandLineArchitectureTest::room).toArray(String[]::new))
        .or()
        .haveFullyQualifiedName(Main.class.getName())
        .should()
        .dependOnClassesThat()
        .resideInAPackage("picocli..")
        .check(CLASSES);
    assertThat(CLASSES.stream())
        .as("the law is about something")
        .anyMatch(
            c ->
                c.getDirectDependenciesFromSelf().stream()
                    .anyMatch(d -> resideInAPackage("picocli..").test(d.getTargetClass())));
  }
}
