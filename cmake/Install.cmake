# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where: the program, what shells complete of it, and the documents.
include(GNUInstallDirs)
install(TARGETS skiff)

# skiff_text(FILE WORD...): what `skiff WORD...` prints, made whenever the program is.
set(texts "")
function(skiff_text file)
  set(output ${CMAKE_BINARY_DIR}/texts/${file})
  add_custom_command(OUTPUT ${output} DEPENDS skiff COMMAND skiff ${ARGN} > ${output} VERBATIM)
  set(texts ${texts} ${output} PARENT_SCOPE)
endfunction()
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/texts)

# Where each shell looks for the completion of a command by its name.
skiff_text(skiff.bash completion bash)
skiff_text(skiff.fish completion fish)
skiff_text(skiff.zsh completion zsh)
install(FILES ${CMAKE_BINARY_DIR}/texts/skiff.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME skiff)
install(FILES ${CMAKE_BINARY_DIR}/texts/skiff.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES ${CMAKE_BINARY_DIR}/texts/skiff.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions RENAME _skiff)

skiff_text(skiff.1 __man)
install(FILES ${CMAKE_BINARY_DIR}/texts/skiff.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
add_custom_target(texts ALL DEPENDS ${texts})

file(GLOB documents CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/*.md)
install(FILES README.md CHANGELOG.md SECURITY.md LICENSE TYPE DOC)
install(FILES ${documents} DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs)
install(DIRECTORY docs/examples TYPE DOC)

# The notices of the libraries in the program, where the machine that builds it has Debian's. Boost's licence asks for none.
foreach(library libssl libarchive libzstd liblzma libbz2 zlib1g libyaml-cpp libspdlog libfmt libcli11)
  install(FILES /usr/share/doc/${library}-dev/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR}/libraries RENAME ${library} OPTIONAL)
endforeach()
