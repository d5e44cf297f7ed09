/**
 * {@code guard doctor AGENT} runs an installed agent once against a model on loopback, and sees
 * whether what the agent starts is under Guard.
 */
package dev.guard.cli.doctor.agent;
