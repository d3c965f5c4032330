# cmake --install: the compiler, and beside it the folder that it links executables with. Nothing installed names the build tree
# or the sources: <prefix> can be moved as a whole.
#
#   <prefix>/bin/osscc
#   <prefix>/lib/osscc/<triple>/     the runtime's archive, libc and start files (Resources.cmake)
#   <prefix>/share/doc/osscc/        licence and user guide
include(GNUInstallDirs)

# osscc_install(<tool>): installs a tool. What remains of its library path are the folders outside of the build tree, MLIR's.
function(osscc_install tool)
  set_target_properties(${tool} PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)
  install(TARGETS ${tool} RUNTIME DESTINATION bin)
endfunction()

# osscc looks for lib/osscc next to the folder of its binary (compiler/emit/Link.cpp), whatever the system calls its own.
install(DIRECTORY "${OSSCC_RESOURCE_DIR}" DESTINATION lib)
install(FILES "${CMAKE_SOURCE_DIR}/LICENSE" "${CMAKE_SOURCE_DIR}/docs/user-guide.md" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
