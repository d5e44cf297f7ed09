package dev.guard.doctor.finding;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An examination that can not be made is a finding, and sends nobody to be root. */
class FindingsTest {
  @Test
  void whatCanNotBeLookedAtIsNotTakenForHealthy() {
    List<Finding> findings =
        Findings.orUnable(
            Check.STALE,
            () -> {
              throw new IOException("/run/guard: Permission denied");
            });
    assertThat(findings).extracting(Finding::status).containsExactly(Finding.Verdict.FAIL);
    assertThat(findings.get(0).reason())
        .isEqualTo("could not be looked at: /run/guard: Permission denied");
    assertThat(findings.get(0).remedy().orElseThrow().text()).doesNotContain("as root");
  }
}
