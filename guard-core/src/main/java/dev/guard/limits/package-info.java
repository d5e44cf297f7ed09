/** This stage puts limits on the held process and reads them back. Nothing is null unless said. */
package dev.guard.limits;
