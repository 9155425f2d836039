# Reads one array of src/sources.gypi, the source list that CMake and gyp share (strict JSON).
# minnow_read_list(KEY OUT): OUT becomes the CMake list of the strings under variables.KEY.
set(MINNOW_SOURCE_LIST "${CMAKE_CURRENT_LIST_DIR}/../src/sources.gypi")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${MINNOW_SOURCE_LIST}")

function(minnow_read_list key out)
  file(READ "${MINNOW_SOURCE_LIST}" text)
  string(JSON count LENGTH "${text}" variables ${key})
  set(list "")
  if(count GREATER 0)
    math(EXPR last "${count} - 1")
    foreach(index RANGE ${last})
      string(JSON item GET "${text}" variables ${key} ${index})
      list(APPEND list "${item}")
    endforeach()
  endif()
  set(${out} "${list}" PARENT_SCOPE)
endfunction()
