# Builds minnow.node: headers from Node itself or libnode-dev, node-addon-api from npm or Debian.
find_program(MINNOW_NODE NAMES node nodejs)
set(node_prefix "")
if(MINNOW_NODE)
  get_filename_component(node_prefix "${MINNOW_NODE}" REALPATH)
  get_filename_component(node_prefix "${node_prefix}/../.." ABSOLUTE)
endif()
find_path(MINNOW_NODE_HEADERS node_api.h
  HINTS "${node_prefix}/include/node" PATHS /usr/include/node /usr/include/nodejs/src)
find_path(MINNOW_NODE_ADDON_API napi.h
  HINTS "${CMAKE_SOURCE_DIR}/node_modules/node-addon-api"
  PATHS /usr/share/nodejs/node-addon-api /usr/include/node-addon-api NO_DEFAULT_PATH)
if(NOT MINNOW_NODE_HEADERS OR NOT MINNOW_NODE_ADDON_API)
  message(FATAL_ERROR "the addon needs node_api.h (${MINNOW_NODE_HEADERS}) and napi.h "
    "(${MINNOW_NODE_ADDON_API}): run npm install, or apt-get install libnode-dev node-addon-api")
endif()

add_library(minnow_addon MODULE ${MINNOW_BINDING_FILES})
set_target_properties(minnow_addon PROPERTIES
  PREFIX "" OUTPUT_NAME minnow SUFFIX .node LINKER_LANGUAGE CXX)
target_include_directories(minnow_addon SYSTEM PRIVATE
  "${MINNOW_NODE_HEADERS}" "${MINNOW_NODE_ADDON_API}")
target_compile_definitions(minnow_addon PRIVATE NODE_GYP_MODULE_NAME=minnow NAPI_VERSION=8
  BUILDING_NODE_EXTENSION NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS
  NODE_ADDON_API_DISABLE_DEPRECATED)
target_link_libraries(minnow_addon PRIVATE minnow_engine)
# nodelete: the pool's threads run this code after a worker's environment has closed the addon.
target_link_options(minnow_addon PRIVATE -Wl,-z,nodelete -Wl,-z,now -Wl,--gc-sections
  -Wl,--build-id=sha1)
