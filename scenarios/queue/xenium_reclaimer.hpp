// How xenium's linked queues free their nodes here: the same way for all, so that they differ in the queue
// alone.
#pragma once

// xenium's headers use these without including them.
#include <array>
#include <cassert>
#include <memory>

#include <xenium/policy.hpp>
#include <xenium/reclamation/generic_epoch_based.hpp>

/// Fraser's epochs (2004), xenium's default settings: a thread that stops inside an operation keeps all nodes
/// from being freed, and stops nobody. Uses atomic_thread_fence.
using XeniumReclaimer = xenium::policy::reclaimer<xenium::reclamation::epoch_based<>>;
