package dev.guard.doctor.machine;

import dev.guard.config.GuardConfig;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.Procfs;
import dev.guard.value.Environment;
import java.nio.file.Path;

/**
 * Describes the machine that the doctor looks at, by its files and programs.
 *
 * @param root the directory that stands for /, e.g. for /var/lib/systemd/linger and /etc/passwd
 * @param programs the means to ask systemd's tools
 * @param config the settings in force where guard was called
 * @param environment the variables guard was called with
 */
public record ExaminedMachine(
    Os os,
    Procfs procfs,
    Cgroupfs cgroupfs,
    Path root,
    Programs programs,
    GuardConfig config,
    Environment environment) {

  /** Answers the machine that this process runs on. */
  public static ExaminedMachine here(Kernel kernel, GuardConfig config, Environment environment) {
    return new ExaminedMachine(
        kernel.os(),
        kernel.procfs(),
        kernel.cgroupfs(),
        Path.of("/"),
        Programs.system(kernel.os(), environment.get("PATH")),
        config,
        environment);
  }
}
