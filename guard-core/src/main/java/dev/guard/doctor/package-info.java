/**
 * The doctor says why this host behaves as it does: checks look and never change anything, and each
 * answers findings of a status, a reason and a remedy. No command runs through the doctor. It has
 * one room for each area; areas do not know each other. Nothing is null unless said.
 */
package dev.guard.doctor;
