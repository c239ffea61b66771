# SPDX-License-Identifier: Apache-2.0
# `cpack -G DEB --config build/CPackConfig.cmake`: a package of what Install.cmake installs, below /usr.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME skiff)
set(CPACK_PACKAGE_VENDOR "The skiff authors")
set(CPACK_PACKAGE_CONTACT "The skiff authors <skiff@localhost>" CACHE STRING "Who maintains the packages made here")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "local Kubernetes clusters of several nodes")
set(CPACK_PACKAGE_DESCRIPTION "skiff makes nodes as Docker containers or as virtual machines of libvirt,
starts Kubernetes on them, and is done when every node is Ready and cluster
DNS answers on each of them. It is one program and runs no daemon.
.
The image of the nodes is compiled on this machine, once, from Go modules and
Debian packages.")

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Needed by most, but each by a driver, or by a build of the node image, alone: `skiff doctor` says what is missing.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "docker.io | docker-ce, mmdebstrap, uidmap, gcc, libc6-dev, libseccomp-dev, ca-certificates, sudo")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "libvirt-daemon-system, qemu-system-x86, qemu-utils, e2fsprogs, golang-go (>= 2:1.26)")

# Where Debian wants files elsewhere than others do.
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/cmake/debian/arrange.cmake)
set(CPACK_SKIFF_SOURCE ${CMAKE_SOURCE_DIR})
include(CPack)
