package dev.guard.cli;

import java.io.File;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Names the programs that a test runs beside guard. Where one is missing the test is skipped, and
 * says so; .ci/run installs them all and fails when a test was skipped.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(Needs.Requirement.class)
@interface Needs {
  /** Names of programs to be found in PATH. */
  String[] value();

  /** Looks for them. */
  final class Requirement implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      Optional<Needs> needs = AnnotationSupport.findAnnotation(context.getElement(), Needs.class);
      List<String> missing =
          Arrays.stream(needs.map(Needs::value).orElse(new String[0]))
              .filter(p -> !isThere(p))
              .toList();
      return missing.isEmpty()
          ? ConditionEvaluationResult.enabled("all there")
          : ConditionEvaluationResult.disabled("not installed: " + String.join(", ", missing));
    }

    private static boolean isThere(String program) {
      return Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
          .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }
  }
}
