// SPDX-License-Identifier: Apache-2.0
// libvirt's C library, opened when it is first needed: skiff itself runs where libvirt is not installed.
#pragma once

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <memory>

#include "base/result.h"

namespace skiff::drivers::libvirt {

// Every function of libvirt that skiff calls. All are in libvirt 6.0.
#define SKIFF_LIBVIRT_FUNCTIONS(FUNCTION)   \
  FUNCTION(virConnectClose)                 \
  FUNCTION(virConnectGetDomainCapabilities) \
  FUNCTION(virConnectGetLibVersion)         \
  FUNCTION(virConnectGetType)               \
  FUNCTION(virConnectGetVersion)            \
  FUNCTION(virConnectListAllDomains)        \
  FUNCTION(virConnectListAllNetworks)       \
  FUNCTION(virConnectOpen)                  \
  FUNCTION(virConnectSetKeepAlive)          \
  FUNCTION(virDomainAbortJob)               \
  FUNCTION(virDomainCreate)                 \
  FUNCTION(virDomainDefineXML)              \
  FUNCTION(virDomainDestroy)                \
  FUNCTION(virDomainFree)                   \
  FUNCTION(virDomainGetID)                  \
  FUNCTION(virDomainGetName)                \
  FUNCTION(virDomainGetState)               \
  FUNCTION(virDomainGetUUIDString)          \
  FUNCTION(virDomainGetXMLDesc)             \
  FUNCTION(virDomainHasManagedSaveImage)    \
  FUNCTION(virDomainIsActive)               \
  FUNCTION(virDomainLookupByName)           \
  FUNCTION(virDomainManagedSave)            \
  FUNCTION(virDomainManagedSaveRemove)      \
  FUNCTION(virDomainResume)                 \
  FUNCTION(virDomainSuspend)                \
  FUNCTION(virDomainUndefineFlags)          \
  FUNCTION(virEventRegisterDefaultImpl)     \
  FUNCTION(virEventRunDefaultImpl)          \
  FUNCTION(virGetLastError)                 \
  FUNCTION(virNetworkCreate)                \
  FUNCTION(virNetworkDefineXML)             \
  FUNCTION(virNetworkDestroy)               \
  FUNCTION(virNetworkFree)                  \
  FUNCTION(virNetworkGetXMLDesc)            \
  FUNCTION(virNetworkIsActive)              \
  FUNCTION(virNetworkLookupByName)          \
  FUNCTION(virNetworkUndefine)              \
  FUNCTION(virNodeGetInfo)                  \
  FUNCTION(virSetErrorFunc)                 \
  FUNCTION(virStoragePoolBuild)             \
  FUNCTION(virStoragePoolCreate)            \
  FUNCTION(virStoragePoolDefineXML)         \
  FUNCTION(virStoragePoolFree)              \
  FUNCTION(virStoragePoolGetXMLDesc)        \
  FUNCTION(virStoragePoolIsActive)          \
  FUNCTION(virStoragePoolListAllVolumes)    \
  FUNCTION(virStoragePoolLookupByName)      \
  FUNCTION(virStoragePoolRefresh)           \
  FUNCTION(virStorageVolCreateXML)          \
  FUNCTION(virStorageVolDelete)             \
  FUNCTION(virStorageVolDownload)           \
  FUNCTION(virStorageVolFree)               \
  FUNCTION(virStorageVolGetInfo)            \
  FUNCTION(virStorageVolGetName)            \
  FUNCTION(virStorageVolGetPath)            \
  FUNCTION(virStorageVolLookupByName)       \
  FUNCTION(virStorageVolUpload)             \
  FUNCTION(virStreamAbort)                  \
  FUNCTION(virStreamFinish)                 \
  FUNCTION(virStreamFree)                   \
  FUNCTION(virStreamNew)                    \
  FUNCTION(virStreamRecv)                   \
  FUNCTION(virStreamSend)                   \
  FUNCTION(virStreamSendHole)

struct Library {
#define SKIFF_LIBVIRT_MEMBER(name) decltype(&::name) name = nullptr;
  SKIFF_LIBVIRT_FUNCTIONS(SKIFF_LIBVIRT_MEMBER)
#undef SKIFF_LIBVIRT_MEMBER
};

// The library, opened at the first call and never closed. tool_not_found when it is absent or too old.
Result<const Library*> library();

// What libvirt hands out, given back at the end.
template <class T>
using Handle = std::unique_ptr<T, int (*)(T*)>;
using Domain = Handle<virDomain>;
using Network = Handle<virNetwork>;
using Pool = Handle<virStoragePool>;
using Volume = Handle<virStorageVol>;
using StreamHandle = Handle<virStream>;

}  // namespace skiff::drivers::libvirt
