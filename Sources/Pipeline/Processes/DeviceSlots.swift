import Config
import Messages

/// Which device the next of several processes computes on: the one with the fewest, of equal ones the first that was named.
struct DeviceSlots: Sendable {
    let devices: [ComputeDevice]
    /// Processes at a time.
    let count: Int
    private var busy: [Int]

    /// - Parameters:
    ///   - devices: one or more.
    ///   - workers: processes at a time, at most.
    ///   - perGPU: on one GPU, where they share its memory and its cores. The processor takes as many as there are workers.
    init(_ devices: [ComputeDevice], workers: Int, perGPU: Int) {
        self.devices = devices
        let isGPU = devices.contains { $0 != .cpu }
        count = max(1, isGPU ? min(workers, devices.count * max(1, perGPU)) : workers)
        busy = Array(repeating: 0, count: devices.count)
    }

    /// - Returns: the device of a process that begins.
    mutating func begin() -> ComputeDevice {
        let place = busy.indices.min { (busy[$0], $0) < (busy[$1], $1) } ?? 0
        busy[place] += 1
        return devices[place]
    }

    /// A process on the device has ended.
    mutating func end(_ device: ComputeDevice) {
        if let place = devices.firstIndex(of: device) { busy[place] -= 1 }
    }
}

extension DeviceChoice {
    /// What it means here, as `wsi-compute` knows: this program has no LibTorch.
    /// - Returns: one device or more.
    /// - Throws: `Failure` (usage) for a GPU that is not here; what else keeps `wsi-compute` from an answer.
    func devices(_ programs: Programs) async throws -> [ComputeDevice] {
        if self == .cpu { return [.cpu] }
        return try await ComputeCall(programs: programs).ask(EngineRequest(device: self, precision: .fp32)).devices
    }
}

extension PredictRequest {
    /// The same request in parts, one for each device, whose items take turns; fewer where there are fewer items.
    func shared(among devices: [ComputeDevice]) -> [PredictRequest] {
        devices.indices.compactMap { place in
            var part = self
            part.device = devices[place]
            part.items = items.indices.filter { $0 % devices.count == place }.map { items[$0] }
            return part.items.isEmpty ? nil : part
        }
    }
}
