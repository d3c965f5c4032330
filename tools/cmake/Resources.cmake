# The folder that osscc links every executable with, ${OSSCC_RESOURCE_DIR}/<triple>: the runtime's archive, and from this machine's
# toolchain the static libc, the C++ library and the start files. With it osscc needs no toolchain where it runs.
set(triple x86_64-linux-gnu)
set(OSSCC_TRIPLE_DIR "${OSSCC_RESOURCE_DIR}/${triple}" CACHE INTERNAL "Where the resources of the host lie")
file(MAKE_DIRECTORY "${OSSCC_TRIPLE_DIR}")

# Copies a file of the toolchain. Debian's libm.a is a linker script whose paths hold on this machine only: the archive it names
# is copied in its place.
function(osscc_ship name)
  execute_process(COMMAND "${CMAKE_CXX_COMPILER}" "-print-file-name=${name}" OUTPUT_VARIABLE path OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT IS_ABSOLUTE "${path}")
    message(FATAL_ERROR "${name} is not installed: executables are linked with it (packages libc6-dev, libstdc++-12-dev, libutf8proc-dev)")
  endif()
  file(READ "${path}" start LIMIT 4096)
  if(start MATCHES "GROUP *\\( *([^ )]+)")
    set(path "${CMAKE_MATCH_1}")
  endif()
  configure_file("${path}" "${OSSCC_TRIPLE_DIR}/${name}" COPYONLY)
endfunction()

foreach(name libc.a libm.a libutf8proc.a libstdc++.a libgcc.a libgcc_eh.a crt1.o crti.o crtn.o crtbeginT.o crtend.o)
  osscc_ship(${name})
endforeach()
add_custom_command(TARGET ${OSSCC_SHIPPED} POST_BUILD
  COMMAND "${CMAKE_COMMAND}" -E copy_if_different "$<TARGET_FILE:${OSSCC_SHIPPED}>" "${OSSCC_TRIPLE_DIR}/libosscc_rt.a"
  COMMENT "ship libosscc_rt.a" VERBATIM)
add_custom_target(osscc_resources)
add_dependencies(osscc_resources ${OSSCC_SHIPPED})
