package dev.guard.doctor.cgroup;

import dev.guard.Layer;
import dev.guard.cgroup.CgroupForesight;
import dev.guard.cgroup.CgroupForesight.ForeseenLimit;
import dev.guard.command.ForeseenReceipt;
import dev.guard.doctor.finding.Check;
import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.finding.Findings;
import dev.guard.doctor.finding.Remedy;
import dev.guard.doctor.machine.ExaminedMachine;
import dev.guard.os.OsString;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Examines the area CGROUPS; the receipt's layers come from the code that writes receipts. */
public final class CgroupChecks {
  private final ExaminedMachine machine;

  public CgroupChecks(ExaminedMachine machine) {
    this.machine = machine;
  }

  public List<Finding> findings() throws IOException {
    ForeseenReceipt receipt =
        ForeseenReceipt.of(
            machine.os(),
            machine.procfs(),
            machine.cgroupfs(),
            machine.config(),
            machine.environment().get("XDG_RUNTIME_DIR").map(OsString::toString));
    CgroupForesight cgroups = receipt.cgroups();
    List<Finding> findings = new ArrayList<>();
    findings.add(driver(cgroups));
    findings.add(base(cgroups));
    findings.addAll(
        Findings.orUnable(
            Check.DELEGATION, () -> List.of(new Delegation(machine).finding(cgroups))));
    findings.addAll(new KernelChecks(machine).findings(cgroups.kills()));
    receipt.layers().forEach(layer -> findings.add(layer(layer, cgroups)));
    return findings;
  }

  // ---- the driver, and where

  static Finding driver(CgroupForesight cgroups) {
    String why =
        switch (cgroups.driver()) {
          case "v2" -> "v2: there is one cgroup2 tree, which has the controllers";
          case "systemd" ->
              "systemd: a scope of the service manager, since beside guard there is no room: "
                  + cgroups.instead();
          case "hybrid" -> "hybrid: limits in v1 hierarchies, and a cgroup2 tree beside them";
          case "v1" -> "v1: there are v1 hierarchies only";
          default -> cgroups.driver() + ": " + reason(cgroups);
        };
    Finding finding =
        cgroups.driver().equals("none")
            ? Finding.caution(Check.DRIVER, "", why, mount())
            : Finding.pass(Check.DRIVER, "", why);
    return finding.with(cgroups.hierarchies());
  }

  private static Remedy mount() {
    return new Remedy.Advice(
        "Have cgroup2 mounted at /sys/fs/cgroup, see docs/cgroups.md; in a container see"
            + " docs/containers.md.");
  }

  static Finding base(CgroupForesight cgroups) {
    Optional<Path> base = cgroups.base();
    if (cgroups.driver().equals("systemd")) {
      return Finding.pass(
          Check.BASE, "", "in a scope guard-ID.scope that the service manager makes and removes");
    }
    return base.isPresent()
        ? Finding.pass(Check.BASE, "", base.get() + " can be made and written")
        : Finding.caution(
            Check.BASE,
            "",
            "commands get no cgroup here: " + reason(cgroups),
            new Remedy.Advice(
                "Start guard where it may make cgroups: docs/cgroups.md says how for each kind of"
                    + " host, docs/containers.md for containers."));
  }

  private static String reason(CgroupForesight cgroups) {
    return cgroups.controllers().stream()
        .filter(c -> !c.available())
        .map(ForeseenLimit::detail)
        .findFirst()
        .orElse("");
  }

  // ---- the layers

  private Finding layer(Layer layer, CgroupForesight cgroups) {
    String name = layer.name().text();
    return switch (layer.state()) {
      case ACTIVE -> Finding.pass(Check.LAYER, name, "active" + limit(layer) + detail(layer));
      case OFF ->
          Finding.pass(Check.LAYER, name, "off" + detail(layer)).with(ifAskedFor(layer, cgroups));
      case DEGRADED -> degraded(layer);
    };
  }

  private Finding degraded(Layer layer) {
    String reason = "degraded" + limit(layer) + detail(layer);
    String name = layer.name().text();
    Remedy remedy =
        new Remedy.Advice(
            "The reason says what is missing, and docs/cgroups.md what to do about it; without"
                + " that, guard runs commands with one protection less.");
    return machine.config().require().contains(layer.name())
        ? Finding.fail(
            Check.LAYER, name, reason + "; it is required, so no command runs here", remedy)
        : Finding.caution(Check.LAYER, name, reason, remedy);
  }

  private static String limit(Layer layer) {
    return layer.limit().isEmpty() ? "" : " " + layer.limit();
  }

  private static String detail(Layer layer) {
    return layer.detail().isEmpty() ? "" : ": " + layer.detail();
  }

  private static List<String> ifAskedFor(Layer layer, CgroupForesight cgroups) {
    return cgroups.controllers().stream()
        .filter(c -> c.layer() == layer.name())
        .map(
            c ->
                c.available()
                    ? "it could be had here"
                    : "if it were asked for it would be degraded: " + c.detail())
        .toList();
  }
}
