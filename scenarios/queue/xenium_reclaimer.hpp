// The reclamation of xenium's linked queues: the same for all, so that only the queues differ.
#pragma once

// xenium's headers use these without including them.
#include <array>
#include <cassert>
#include <memory>

#include <xenium/policy.hpp>
#include <xenium/reclamation/generic_epoch_based.hpp>

/// Fraser's epochs (2004) with xenium's default settings, as in xenium's own queue benchmark. They extend no region, so
/// the region guards of that benchmark have no effect here. A thread that stops inside an operation keeps all nodes
/// from being freed, but blocks no thread. Uses atomic_thread_fence.
using XeniumReclaimer = xenium::policy::reclaimer<xenium::reclamation::epoch_based<>>;
