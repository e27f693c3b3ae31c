//! What a container may use: the short attributes of the service, over which `deploy.resources` goes.

use serde_json::{Map, Value, json};

use crate::compose::model::{BlockIo, Device, DeviceRequest, Service, ThrottleDevice};

/// The resources within `HostConfig`.
pub(super) fn of(service: &Service) -> Map<String, Value> {
    let mut host = Map::new();
    numbers(&mut host, service);
    let mut put = |key: &str, value: Value| host.insert(key.to_owned(), value);
    put("OomKillDisable", json!(service.oom_kill_disable));
    if let Some(parent) = &service.cgroup_parent {
        put("CgroupParent", json!(parent));
    }
    if let Some(set) = &service.cpuset {
        put("CpusetCpus", json!(set));
    }
    if let Some(swappiness) = service.mem_swappiness.filter(|bytes| bytes.0 != 0) {
        put("MemorySwappiness", json!(swappiness.0));
    }
    if !service.device_cgroup_rules.is_empty() {
        put("DeviceCgroupRules", json!(service.device_cgroup_rules));
    }
    if let Some(blocks) = &service.blkio_config {
        block_io(&mut host, blocks);
    }
    devices(&mut host, service);
    ulimits(&mut host, service);
    host
}

/// Amounts that are left out where they are 0.
fn numbers(host: &mut Map<String, Value>, service: &Service) {
    let limits = service.deploy.as_ref().and_then(|deploy| deploy.resources.limits.as_ref());
    let reserved = service.deploy.as_ref().and_then(|deploy| deploy.resources.reservations.as_ref());
    let bytes = |amount: Option<crate::compose::units::Bytes>| amount.map_or(0, |bytes| bytes.0);
    let over = |amount: i64, other: i64| if amount == 0 { other } else { amount };
    let limited = |part: Option<&crate::compose::model::Resource>| part.map_or(0, |part| bytes(part.memory));
    let limited_cpus = limits.map_or(0.0, |limits| limits.cpus);
    let cpus = if limited_cpus == 0.0 { service.cpus } else { limited_cpus };
    let pids = limits.map_or(0, |limits| limits.pids.max(0));
    let amounts = [
        ("Memory", over(limited(limits), bytes(service.mem_limit))),
        ("MemoryReservation", over(limited(reserved), bytes(service.mem_reservation))),
        ("MemorySwap", bytes(service.memswap_limit)),
        ("CpuCount", service.cpu_count),
        ("CpuPeriod", service.cpu_period),
        ("CpuQuota", service.cpu_quota),
        ("CpuRealtimePeriod", service.cpu_rt_period),
        ("CpuRealtimeRuntime", service.cpu_rt_runtime),
        ("CpuShares", service.cpu_shares),
        ("CpuPercent", (service.cpu_percent * 100.0) as i64),
        // In single precision, as Docker Compose reckons: 0.3 processors are 300000000, not 300000011.
        ("NanoCpus", (cpus * 1e9) as i64),
        ("PidsLimit", over(pids, service.pids_limit)),
    ];
    let given = amounts.into_iter().filter(|(_, amount)| *amount != 0);
    host.extend(given.map(|(key, amount)| (key.to_owned(), json!(amount))));
}

fn block_io(host: &mut Map<String, Value>, blocks: &BlockIo) {
    if blocks.weight != 0 {
        host.insert("BlkioWeight".to_owned(), json!(blocks.weight));
    }
    if !blocks.weight_device.is_empty() {
        let weight = |device: &crate::compose::model::WeightDevice| json!({"Path": device.path, "Weight": device.weight});
        let list: Vec<Value> = blocks.weight_device.iter().map(weight).collect();
        host.insert("BlkioWeightDevice".to_owned(), json!(list));
    }
    let throttles = [
        ("BlkioDeviceReadBps", &blocks.device_read_bps),
        ("BlkioDeviceReadIOps", &blocks.device_read_iops),
        ("BlkioDeviceWriteBps", &blocks.device_write_bps),
        ("BlkioDeviceWriteIOps", &blocks.device_write_iops),
    ];
    for (key, devices) in throttles {
        if !devices.is_empty() {
            let throttle = |device: &ThrottleDevice| json!({"Path": device.path, "Rate": device.rate.0});
            host.insert(key.to_owned(), Value::Array(devices.iter().map(throttle).collect()));
        }
    }
}

fn devices(host: &mut Map<String, Value>, service: &Service) {
    let (cdi, mapped): (Vec<&Device>, Vec<&Device>) =
        service.devices.iter().partition(|device| is_cdi(device));
    if !mapped.is_empty() {
        let mapping = |device: &&Device| {
            json!({
                "PathOnHost": device.source,
                "PathInContainer": device.target.as_deref().unwrap_or(&device.source),
                "CgroupPermissions": device.permissions.as_deref().unwrap_or_default(),
            })
        };
        host.insert("Devices".to_owned(), Value::Array(mapped.iter().map(mapping).collect()));
    }
    let mut requests = Vec::new();
    let reserved = service.deploy.as_ref().and_then(|deploy| deploy.resources.reservations.as_ref());
    requests.extend(
        reserved.into_iter().flat_map(|reserved| &reserved.devices).map(|request| demand(request, None)),
    );
    if !cdi.is_empty() {
        let names: Vec<&str> = cdi.iter().map(|device| device.source.as_str()).collect();
        requests.push(json!({"Driver": "cdi", "DeviceIDs": names}));
    }
    requests.extend(service.gpus.iter().map(|request| demand(request, Some("gpu"))));
    if !requests.is_empty() {
        host.insert("DeviceRequests".to_owned(), Value::Array(requests));
    }
}

/// Whether a device is given by its name in the Container Device Interface: `vendor.com/class=name`.
fn is_cdi(device: &Device) -> bool {
    let same = device.target.as_ref().is_none_or(|target| *target == device.source);
    let is_qualified = |(kind, name): (&str, &str)| {
        let parts = kind.split_once('/');
        !name.is_empty() && parts.is_some_and(|(vendor, class)| !vendor.is_empty() && !class.is_empty())
    };
    same && device.source.split_once('=').is_some_and(is_qualified)
}

fn demand(request: &DeviceRequest, capability: Option<&str>) -> Value {
    let mut capabilities: Vec<&str> = request.capabilities.iter().map(String::as_str).collect();
    capabilities.extend(capability);
    json!({
        "Driver": request.driver.as_deref().unwrap_or_default(),
        "Count": request.count,
        "DeviceIDs": if request.device_ids.is_empty() { Value::Null } else { json!(request.device_ids) },
        "Capabilities": [capabilities],
        "Options": if request.options.is_empty() { Value::Null } else { json!(request.options) },
    })
}

fn ulimits(host: &mut Map<String, Value>, service: &Service) {
    if service.ulimits.is_empty() {
        return;
    }
    let limit = |(name, limit): (&String, &crate::compose::model::Ulimit)| json!({"Name": name, "Soft": limit.soft, "Hard": limit.hard});
    host.insert("Ulimits".to_owned(), Value::Array(service.ulimits.iter().map(limit).collect()));
}
