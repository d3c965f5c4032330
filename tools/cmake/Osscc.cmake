# All CMake cleverness of the project. A folder's CMakeLists.txt only lists what is in it.

set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(OSSCC_RESOURCE_DIR "${CMAKE_BINARY_DIR}/lib/osscc")
# FlatBuffers' generated headers, included as "runtime/bundle/Bundle_generated.h".
set(OSSCC_GENERATED_DIR "${CMAKE_BINARY_DIR}/generated")

add_compile_options(-Wall -Wextra -Wno-unused-parameter -Werror=return-type -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
# What holds on x86-64 by itself: char has a sign, and no product is fused into a sum.
set(OSSCC_LIKE_X86 -fsigned-char -ffp-contract=off)
if(NOT CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  add_compile_options(${OSSCC_LIKE_X86})
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_link_options(-fuse-ld=lld-22)
endif()
if(OSSCC_FUZZ)
  set(OSSCC_SANITIZE ON)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(OSSCC_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
endif()
include_directories("${CMAKE_SOURCE_DIR}" "${OSSCC_GENERATED_DIR}")

# osscc_runtime(<source>...): adds sources to the runtime library that every executable links.
function(osscc_runtime)
  target_sources(osscc_rt PRIVATE ${ARGN})
endfunction()

# osscc_test(<name> <source>... [LIBS <target>...] [CXX <level>]): one GoogleTest executable, known to ctest.
function(osscc_test name)
  cmake_parse_arguments(T "" "CXX" "LIBS" ${ARGN})
  find_package(GTest REQUIRED)
  add_executable(${name} ${T_UNPARSED_ARGUMENTS})
  if(NOT T_CXX)
    set(T_CXX 20)
  endif()
  set_target_properties(${name} PROPERTIES CXX_STANDARD ${T_CXX} CXX_STANDARD_REQUIRED ON
    RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/test/bin")
  # gtest_main before the libraries: the runtime has a main of its own, and the first one found is taken.
  target_link_libraries(${name} PRIVATE GTest::gtest_main ${T_LIBS} GTest::gmock GTest::gtest)
  add_test(NAME ${name} COMMAND ${name})
  set_property(GLOBAL APPEND PROPERTY OSSCC_GTESTS ${name})
endfunction()

# Finds MLIR and sets the flags of the compiler side. 22 alone is refused: Debian's package calls itself 22.1.
macro(osscc_find_mlir)
  find_package(MLIR 22.1 REQUIRED CONFIG HINTS /usr/lib/llvm-22/lib/cmake/mlir)
  list(APPEND CMAKE_MODULE_PATH "${MLIR_CMAKE_DIR}" "${LLVM_CMAKE_DIR}")
  include(TableGen)
  include(AddLLVM)
  include(AddMLIR)
  set(MLIR_MAIN_SRC_DIR "")
  include_directories(SYSTEM ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
  include_directories("${CMAKE_BINARY_DIR}")
  add_definitions(${LLVM_DEFINITIONS})
  set(CMAKE_CXX_STANDARD 20)
  set(CMAKE_CXX_STANDARD_REQUIRED ON)
  # One precompiled header: a pass that includes LLVMDialect.h takes 10 s without it.
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/pch/empty.cpp" CONTENT "")
  add_library(osscc_pch OBJECT "${CMAKE_BINARY_DIR}/pch/empty.cpp")
  target_compile_options(osscc_pch PRIVATE -fno-rtti)
  target_precompile_headers(osscc_pch PRIVATE "${CMAKE_SOURCE_DIR}/tools/cmake/Precompiled.h")
endmacro()

# osscc_tablegen(<td> <out> <mlir-tblgen flags>...): one generated file beside its td, in the build tree. The outputs
# become dependencies of every compiler-side library through the target osscc_tablegen.
function(osscc_tablegen td out)
  set(output "${CMAKE_CURRENT_BINARY_DIR}/${out}")
  file(GLOB_RECURSE includes CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/dialects/*.td")
  add_custom_command(OUTPUT "${output}"
    COMMAND mlir-tblgen --write-if-changed ${ARGN} "${CMAKE_CURRENT_SOURCE_DIR}/${td}" -I "${CMAKE_SOURCE_DIR}"
            -I ${MLIR_INCLUDE_DIRS} -o "${output}"
    DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${td}" ${includes}
    COMMENT "tblgen ${out}" VERBATIM)
  string(MAKE_C_IDENTIFIER "tblgen_${CMAKE_CURRENT_BINARY_DIR}_${out}" target)
  add_custom_target(${target} DEPENDS "${output}")
  if(NOT TARGET osscc_tablegen)
    add_custom_target(osscc_tablegen)
  endif()
  add_dependencies(osscc_tablegen ${target})
endfunction()

# osscc_stage(<name> <source>... [LIBS <target>...]): a static library of the compiler side (dialect, stage, target).
function(osscc_stage name)
  cmake_parse_arguments(S "" "" "LIBS" ${ARGN})
  add_library(${name} STATIC ${S_UNPARSED_ARGUMENTS})
  target_compile_options(${name} PRIVATE -fno-rtti)
  target_precompile_headers(${name} REUSE_FROM osscc_pch)
  target_link_libraries(${name} PUBLIC ${S_LIBS})
  if(TARGET osscc_tablegen)
    add_dependencies(${name} osscc_tablegen)
  endif()
  add_dependencies(${name} osscc_pch)
endfunction()

# osscc_tool(<name> <source>... [LIBS <target>...]): an executable of the compiler side, against the shared MLIR.
function(osscc_tool name)
  cmake_parse_arguments(T "" "" "LIBS" ${ARGN})
  add_executable(${name} ${T_UNPARSED_ARGUMENTS})
  # As the precompiled header was compiled: -fPIC, not -fPIE.
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${name} PRIVATE -fno-rtti -fPIC)
  target_precompile_headers(${name} REUSE_FROM osscc_pch)
  target_link_libraries(${name} PRIVATE ${T_LIBS} MLIR LLVM)
  if(TARGET osscc_tablegen)
    add_dependencies(${name} osscc_tablegen)
  endif()
endfunction()

# osscc_dialect(<name> <source>... [TYPES <td>] [OPS <td>] [ALL <td>] [LIBS <target>...]): generates the dialect's declarations and
# its page in docs/dialects, and builds the library osscc_<name>. Of a dialect some parts of which have headers of their own, ALL
# includes all parts: there is one parser of its types and attributes, and one page.
function(osscc_dialect name)
  cmake_parse_arguments(D "" "TYPES;OPS;ALL" "LIBS" ${ARGN})
  get_filename_component(types ${D_TYPES} NAME_WE)
  get_filename_component(ops ${D_OPS} NAME_WE)
  set(only -dialect=${name})
  set(types_of ${D_TYPES})
  set(page_of ${D_OPS})
  if(D_ALL)
    set(types_of ${D_ALL})
    set(page_of ${D_ALL})
  endif()
  osscc_tablegen(${D_TYPES} ${types}.h.inc -gen-dialect-decls ${only})
  osscc_tablegen(${D_TYPES} ${types}.cpp.inc -gen-dialect-defs ${only})
  osscc_tablegen(${D_TYPES} ${types}Types.h.inc -gen-typedef-decls -typedefs-dialect=${name})
  osscc_tablegen(${types_of} ${types}Types.cpp.inc -gen-typedef-defs -typedefs-dialect=${name})
  osscc_tablegen(${D_TYPES} ${types}Attrs.h.inc -gen-attrdef-decls -attrdefs-dialect=${name})
  osscc_tablegen(${types_of} ${types}Attrs.cpp.inc -gen-attrdef-defs -attrdefs-dialect=${name})
  osscc_tablegen(${D_TYPES} ${types}Enums.h.inc -gen-enum-decls)
  osscc_tablegen(${D_TYPES} ${types}Enums.cpp.inc -gen-enum-defs)
  osscc_tablegen(${D_OPS} ${ops}.h.inc -gen-op-decls)
  osscc_tablegen(${D_OPS} ${ops}.cpp.inc -gen-op-defs)
  osscc_tablegen(${page_of} ${name}.md -gen-dialect-doc ${only})
  osscc_stage(osscc_${name} ${D_UNPARSED_ARGUMENTS} LIBS ${D_LIBS})
endfunction()
