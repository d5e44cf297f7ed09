/** The area CGROUPS says which limits commands will have here, and why. */
package dev.guard.doctor.cgroup;
