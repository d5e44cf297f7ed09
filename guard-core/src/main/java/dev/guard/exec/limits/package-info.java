/**
 * Stage limits: puts the held process into a cgroup and under its limits, and reads each of them
 * back for the receipt. There is one file for each cgroup driver and one chooser. Nothing is null
 * unless said.
 */
package dev.guard.exec.limits;
