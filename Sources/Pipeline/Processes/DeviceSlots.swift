import Config
import Messages

/// Which device the next of several processes computes on: the one with the fewest, of equal ones the first from a given one on.
struct DeviceSlots: Sendable {
    let devices: [ComputeDevice]
    /// Processes at a time, as long as no device is left out.
    let count: Int
    /// Processes on one device.
    private let perDevice: Int
    private let first: Int
    private var busy: [Int]
    private var leftOut: Set<Int> = []

    /// - Parameters:
    ///   - devices: one or more.
    ///   - workers: processes at a time, at most.
    ///   - perGPU: on one GPU, where they share its memory and its cores. The processor takes as many as there are workers.
    ///   - first: where it is begun, counted beyond the last one too: commands that know nothing of each other begin at several.
    init(_ devices: [ComputeDevice], workers: Int, perGPU: Int, first: Int = 0) {
        self.devices = devices
        let isGPU = devices.contains { $0 != .cpu }
        perDevice = max(1, isGPU ? perGPU : workers)
        count = max(1, min(workers, devices.count * perDevice))
        self.first = first % max(1, devices.count)
        busy = Array(repeating: 0, count: devices.count)
    }

    var hasDevice: Bool { leftOut.count < devices.count }

    /// - Returns: the device of a process that begins; nil where none has room for it now.
    mutating func begin() -> ComputeDevice? {
        guard busy.reduce(0, +) < count else { return nil }
        let places = devices.indices.filter { !leftOut.contains($0) && busy[$0] < perDevice }
        let count = devices.count
        let place = places.min { (busy[$0], ($0 + count - first) % count) < (busy[$1], ($1 + count - first) % count) }
        guard let place else { return nil }
        busy[place] += 1
        return devices[place]
    }

    /// A process on the device has ended.
    mutating func end(_ device: ComputeDevice) {
        if let place = devices.firstIndex(of: device) { busy[place] -= 1 }
    }

    /// Nothing more begins on the device.
    mutating func leaveOut(_ device: ComputeDevice) {
        if let place = devices.firstIndex(of: device) { leftOut.insert(place) }
    }

    mutating func takeBack(_ device: ComputeDevice) {
        if let place = devices.firstIndex(of: device) { leftOut.remove(place) }
    }
}

extension DeviceChoice {
    /// What it means here, as `wsi-compute` knows: this program has no LibTorch.
    /// - Returns: one device or more.
    /// - Throws: `Failure` (usage) for a GPU that is not here; what else keeps `wsi-compute` from an answer.
    func devices(_ programs: Programs) async throws -> [ComputeDevice] {
        if self == .cpu { return [.cpu] }
        return try await ComputeCall(programs: programs, timeout: ComputeCall.driverTimeout)
            .ask(EngineRequest(device: self, precision: .fp32)).devices
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
