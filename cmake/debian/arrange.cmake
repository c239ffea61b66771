# SPDX-License-Identifier: Apache-2.0
# Run by CPack when all is installed into the folder that becomes the package: moves what Debian's policy wants elsewhere.
if(NOT CPACK_GENERATOR STREQUAL "DEB")
  return()
endif()
set(share ${CPACK_TEMPORARY_INSTALL_DIRECTORY}${CPACK_PACKAGING_INSTALL_PREFIX}/share)
set(doc ${share}/doc/skiff)
set(here ${CPACK_SKIFF_SOURCE}/cmake/debian)
set(file_rights OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)

# What packages bring to zsh; site-functions is for what the machine's administrator installs.
file(MAKE_DIRECTORY ${share}/zsh/vendor-completions)
file(RENAME ${share}/zsh/site-functions/_skiff ${share}/zsh/vendor-completions/_skiff)
file(REMOVE_RECURSE ${share}/zsh/site-functions)

# The licence is in every Debian, and named by the file that tells of copyrights.
file(REMOVE ${doc}/LICENSE)
file(COPY ${here}/copyright DESTINATION ${doc} FILE_PERMISSIONS ${file_rights})
configure_file(${here}/lintian-overrides ${share}/lintian/overrides/skiff COPYONLY FILE_PERMISSIONS ${file_rights})

file(RENAME ${doc}/CHANGELOG.md ${doc}/changelog)
string(TIMESTAMP today "%a, %d %b %Y %H:%M:%S +0000" UTC)  # or SOURCE_DATE_EPOCH
configure_file(${here}/changelog.in ${doc}/changelog.Debian @ONLY FILE_PERMISSIONS ${file_rights})
foreach(text ${doc}/changelog ${doc}/changelog.Debian ${share}/man/man1/skiff.1)
  execute_process(COMMAND gzip -9n ${text} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
