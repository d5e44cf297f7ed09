package dev.guard;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.guard.config.ProgramSettings;
import dev.guard.config.Setting;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks how much a program can see of the library. */
class PublicApiTest {
  private static final String EXPORTED = "dev.guard";
  private static final List<JavaClass> PUBLIC =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages(EXPORTED).stream()
              .filter(c -> c.getPackageName().equals(EXPORTED))
              .filter(c -> c.getModifiers().contains(JavaModifier.PUBLIC))
              .toList();

  @Test
  void theModuleExportsTheRootAlone() throws IOException {
    String text = Files.readString(Path.of("src/main/java/module-info.java"));
    List<String> exports =
        Pattern.compile("exports ([a-z.]+)").matcher(text).results().map(m -> m.group(1)).toList();
    assertThat(exports).containsExactly(EXPORTED);
  }

  /** Whoever adds a type asks himself whether a program needs it. */
  @Test
  void theseAreThePublicTypes() {
    assertThat(PUBLIC.stream().filter(c -> !c.isNestedClass()).map(JavaClass::getSimpleName))
        .containsExactlyInAnyOrder(
            "CapturedOutput",
            "Cause",
            "CommandLimits",
            "CommandRequest",
            "CommandResult",
            "CommandState",
            "CommandTimes",
            "CommandUsage",
            "ExitStatus",
            "Guard",
            "Input",
            "Layer",
            "LayerName",
            "Leftovers",
            "LimitUnit",
            "LimitValue",
            "LiveProcess",
            "Outcome",
            "Output",
            "RunningCommand",
            "SettingsException");
  }

  @Test
  void publicSignaturesHaveExportedTypesAlone() {
    List<String> hidden = new ArrayList<>();
    for (JavaClass type : PUBLIC) {
      Set<String> seen = new TreeSet<>();
      type.getSuperclass().ifPresent(c -> addAll(seen, c));
      type.getTypeParameters().forEach(v -> addAll(seen, v));
      type.getInterfaces().forEach(i -> addAll(seen, i));
      type.getFields().stream()
          .filter(PublicApiTest::isVisible)
          .forEach(f -> addAll(seen, f.getType()));
      type.getCodeUnits().stream().filter(PublicApiTest::isVisible).forEach(u -> addAll(seen, u));
      seen.removeIf(p -> p.isEmpty() || p.equals(EXPORTED) || p.startsWith("java."));
      seen.forEach(p -> hidden.add(type.getName() + " shows " + p));
    }
    assertThat(hidden).isEmpty();
  }

  private static boolean isVisible(JavaField field) {
    return isVisible(field.getModifiers());
  }

  private static boolean isVisible(JavaCodeUnit unit) {
    return isVisible(unit.getModifiers());
  }

  private static boolean isVisible(Set<JavaModifier> modifiers) {
    return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
  }

  private static void addAll(Set<String> packages, JavaCodeUnit unit) {
    addAll(packages, unit.getReturnType());
    unit.getTypeParameters().forEach(v -> addAll(packages, v));
    unit.getParameterTypes().forEach(p -> addAll(packages, p));
    unit.getExceptionTypes().forEach(e -> packages.add(e.getPackageName()));
  }

  private static void addAll(Set<String> packages, JavaType type) {
    type.getAllInvolvedRawTypes()
        .forEach(c -> packages.add(c.getBaseComponentType().getPackageName()));
  }

  /** A message that says how to raise a limit names a method, which must be there. */
  @Test
  void eachSettingOfACommandHasItsMethod() {
    Set<Setting> notOfPrograms =
        EnumSet.of(
            Setting.PROFILE,
            Setting.RESERVE,
            Setting.MEMORY_OOM,
            Setting.DRIFT,
            Setting.GATEWAY,
            Setting.IDLE_EXIT,
            Setting.MESSAGES,
            Setting.SHELL_UNAVAILABLE);
    Stream<String> wanted =
        Arrays.stream(Setting.values())
            .filter(s -> !notOfPrograms.contains(s))
            .map(s -> ProgramSettings.method(s).replace("CommandLimits.", ""));
    assertThat(Arrays.stream(CommandLimits.class.getMethods()).map(Method::getName))
        .containsAll(wanted.toList());
  }
}
