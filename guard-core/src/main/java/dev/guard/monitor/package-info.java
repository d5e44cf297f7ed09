/**
 * The fifth stage of a command waits for its end, its deadline or whoever cancels it, with an eye
 * on processes that leave its cgroup. Nothing is null unless said.
 */
package dev.guard.monitor;
