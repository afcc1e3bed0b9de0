# Writes OUTPUT, the header with what program and plug-ins must have in common, from the headers that plug-ins include:
#   cmake -DSOURCE=... -DVERSION=0.2.0 -DHEADERS="a.h;b.h" -DOUTPUT=... -P PluginAbi.cmake
set(digests "")
foreach(header IN LISTS HEADERS)
  file(SHA256 ${SOURCE}/${header} digest)
  string(APPEND digests "${digest} ${header}\n")
endforeach()
string(SHA256 headers "${digests}")
string(SUBSTRING ${headers} 0 12 headers)
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT [[
#pragma once

#define MITOLOOM_VERSION "@VERSION@"
#define MITOLOOM_HEADERS "@headers@"
]] @ONLY)
