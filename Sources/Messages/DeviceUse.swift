/// How a device was used up to the end of its last batch.
public struct DeviceUse: Codable, Equatable, Sendable {
    /// Such as `cpu` or `cuda:1`.
    public var name: String
    /// Patches that were computed, without what fills batches up.
    public var patches: Int
    /// Patches of its last batch, with what filled it up; 0 before the first.
    public var batch: Int
    /// From the beginning of the first batch.
    public var seconds: Double
    /// Of these, in which it computed. Of a CPU, whose lanes compute beside each other, their mean.
    public var busySeconds: Double

    public init(name: String, patches: Int, batch: Int, seconds: Double, busySeconds: Double) {
        (self.name, self.patches, self.batch) = (name, patches, batch)
        (self.seconds, self.busySeconds) = (seconds, busySeconds)
    }

    enum CodingKeys: String, CodingKey {
        case name, patches, batch, seconds
        case busySeconds = "busy_seconds"
    }

    /// Share of its time, 0 to 1.
    public var busy: Double { seconds > 0 ? min(1, busySeconds / seconds) : 0 }

    /// What came after an earlier look at the same device.
    public func since(_ earlier: DeviceUse) -> DeviceUse {
        var use = self
        use.patches -= earlier.patches
        use.seconds -= earlier.seconds
        use.busySeconds -= earlier.busySeconds
        return use
    }
}
