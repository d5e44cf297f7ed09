/**
 * Stage launch: spawns a command held at a gate between fork and exec, with the lifeline that ends
 * it should Guard die. Nothing is null unless said.
 */
package dev.guard.exec.launch;
