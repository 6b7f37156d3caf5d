public import Messages
import Synchronization

extension Batcher {
    /// How each device was used so far.
    public var use: [DeviceUse] {
        let meters = meters.withLock { $0 }
        return zip(devices, meters).map { device, meter in
            DeviceUse(
                name: device.name,
                patches: meter.patches,
                padding: meter.padding,
                batch: meter.batch,
                seconds: meter.spent.time / .seconds(1),
                busySeconds: meter.spent.busy / .seconds(1)
            )
        }
    }

    /// Counts the time of `compute`, and its patches where it succeeds.
    func metered(
        _ device: Int,
        batch: Int,
        patches: Int,
        _ compute: () throws -> [Float]
    ) rethrows -> [Float] {
        meters.withLock { $0[device].begin(batch: batch, at: now) }
        var done: (patches: Int, padding: Int) = (0, 0)
        defer { meters.withLock { $0[device].end(done.patches, padding: done.padding, at: now) } }
        let features = try compute()
        done = (patches, batch - patches)
        return features
    }
}
