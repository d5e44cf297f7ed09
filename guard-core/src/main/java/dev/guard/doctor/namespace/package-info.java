/** The area NAMESPACES says which processes see other mounts than the host, and why. */
package dev.guard.doctor.namespace;
