# The folders that osscc links executables with, ${OSSCC_RESOURCE_DIR}/<triple>: the runtime's archive, and of the triple's toolchain
# the static libc, the C++ library and the start files. With them osscc needs no toolchain where it runs, whatever it compiles for.
add_custom_target(osscc_resources)

# osscc_ship(<folder> <name> <flag>...): copies the file that the compiler finds with these flags. Debian's libm.a may be a linker
# script whose paths hold on this machine only: the archive it names is copied in its place.
function(osscc_ship folder name)
  execute_process(COMMAND "${CMAKE_CXX_COMPILER}" ${ARGN} "-print-file-name=${name}" OUTPUT_VARIABLE path
    OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT IS_ABSOLUTE "${path}")
    message(FATAL_ERROR "${name} is not installed: executables are linked with it (packages libc6-dev, libstdc++-12-dev, libutf8proc-dev)")
  endif()
  file(READ "${path}" start LIMIT 4096)
  if(start MATCHES "GROUP *\\( *([^ )]+)")
    set(path "${CMAKE_MATCH_1}")
  endif()
  configure_file("${path}" "${folder}/${name}" COPYONLY)
endfunction()

# osscc_resources_of(<triple> <archive> <flag>...): fills the folder of a triple, where the compiler takes these flags for it and the
# target <archive> is the runtime.
function(osscc_resources_of triple archive)
  set(folder "${OSSCC_RESOURCE_DIR}/${triple}")
  file(MAKE_DIRECTORY "${folder}")
  foreach(name libc.a libm.a libutf8proc.a libstdc++.a libgcc.a libgcc_eh.a crt1.o crti.o crtn.o crtbeginT.o crtend.o)
    osscc_ship("${folder}" ${name} ${ARGN})
  endforeach()
  osscc_ship_archive("${folder}" ${archive} libosscc_rt.a)
endfunction()

# osscc_ship_archive(<folder> <target> <name>): copies an archive whenever it is built.
function(osscc_ship_archive folder archive name)
  add_custom_command(TARGET ${archive} POST_BUILD
    COMMAND "${CMAKE_COMMAND}" -E copy_if_different "$<TARGET_FILE:${archive}>" "${folder}/${name}"
    COMMENT "ship ${name} to ${folder}" VERBATIM)
  add_dependencies(osscc_resources ${archive})
endfunction()

# osscc_device_resources_of(<triple> <archive>): what executables for a device are linked with beside that. They take libc and libm from
# the system where they run, as the device's driver does, and the linker looks up in copies of both what they have.
function(osscc_device_resources_of triple archive)
  set(folder "${OSSCC_RESOURCE_DIR}/${triple}")
  foreach(name libc.so.6 libm.so.6 ld-linux-x86-64.so.2 libc_nonshared.a crtbegin.o)
    osscc_ship("${folder}" ${name})
  endforeach()
  osscc_ship_archive("${folder}" ${archive} libosscc_cuda.a)
endfunction()

# osscc_sysroot(<triple> <architecture>): sets OSSCC_SYSROOT to the headers and libraries of a triple, fetched once as Debian's packages
# of an architecture; empty where they cannot be had, and then osscc has no executables for that triple.
function(osscc_sysroot triple architecture)
  set(folder "${CMAKE_BINARY_DIR}/sysroot/${triple}")
  if(NOT EXISTS "${folder}")
    message(STATUS "Fetching headers and libraries for ${triple}")
    execute_process(COMMAND "${CMAKE_SOURCE_DIR}/tools/fetch-sysroot" ${architecture} "${folder}"
      RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE said)
    if(failed)
      message(STATUS "No executables for ${triple} will be made: ${said}")
      file(REMOVE_RECURSE "${OSSCC_RESOURCE_DIR}/${triple}")
      set(folder "")
    endif()
  endif()
  set(OSSCC_SYSROOT "${folder}" PARENT_SCOPE)
endfunction()

# osscc_runtime_archive(<name> <of> <flag>...): an archive of the runtime, the target <of>, once more, compiled with these flags.
function(osscc_runtime_archive name of)
  add_library(${name} STATIC $<TARGET_PROPERTY:${of},SOURCES>)
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX CXX_STANDARD 23 CXX_STANDARD_REQUIRED ON)
  target_compile_definitions(${name} PRIVATE FMT_HEADER_ONLY)
  target_compile_options(${name} PRIVATE -ffunction-sections -fdata-sections ${ARGN})
  add_dependencies(${name} osscc_schema osscc_web)
endfunction()

set(host "${CMAKE_SYSTEM_PROCESSOR}-linux-gnu")
# What ships is never instrumented: executables are linked without a sanitizer's runtime.
set(shipped osscc_rt)
set(shipped_cuda osscc_cuda)
if(OSSCC_SANITIZE)
  set(shipped osscc_rt_shipped)
  set(shipped_cuda osscc_cuda_shipped)
  osscc_runtime_archive(${shipped} osscc_rt -fno-sanitize=all)
  osscc_runtime_archive(${shipped_cuda} osscc_cuda -fno-sanitize=all)
endif()
osscc_resources_of(${host} ${shipped})
if(host STREQUAL "x86_64-linux-gnu")
  osscc_device_resources_of(${host} ${shipped_cuda})
endif()
set(OSSCC_TRIPLE_DIR "${OSSCC_RESOURCE_DIR}/${host}" CACHE INTERNAL "Where the resources of the host lie")

# Of other triples than the host's, where the compiler is built: a triple, and Debian's name of its architecture.
option(OSSCC_CROSS "Make executables for other architectures than this machine's too" ON)
foreach(row "x86_64-linux-gnu amd64" "aarch64-linux-gnu arm64")
  separate_arguments(row)
  list(GET row 0 triple)
  list(GET row 1 architecture)
  if(NOT OSSCC_COMPILER OR NOT OSSCC_CROSS OR triple STREQUAL host)
    continue()
  endif()
  osscc_sysroot(${triple} ${architecture})
  if(OSSCC_SYSROOT)
    set(flags "--target=${triple}" "--sysroot=${OSSCC_SYSROOT}")
    osscc_runtime_archive(osscc_rt_${architecture} osscc_rt ${flags} ${OSSCC_LIKE_X86} -fno-sanitize=all)
    osscc_resources_of(${triple} osscc_rt_${architecture} ${flags})
  endif()
endforeach()
