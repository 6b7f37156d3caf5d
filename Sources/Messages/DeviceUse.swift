/// How a device was used up to the end of its last batch.
public struct DeviceUse: Codable, Equatable, Sendable {
    /// Such as `cpu` or `cuda:1`.
    public var name: String
    /// Patches that were computed, without what fills batches up.
    public var patches: Int
    /// Rows of zeros that filled batches up, and took their time as patches do.
    public var padding: Int
    /// Patches of its last batch, with what filled it up; 0 before the first.
    public var batch: Int
    /// From the beginning of the first batch.
    public var seconds: Double
    /// Of these, in which it computed, patches or what fills batches up. Of a CPU, whose lanes compute beside each other, their mean.
    public var busySeconds: Double

    public init(
        name: String,
        patches: Int,
        padding: Int = 0,
        batch: Int,
        seconds: Double,
        busySeconds: Double
    ) {
        (self.name, self.patches, self.padding, self.batch) = (name, patches, padding, batch)
        (self.seconds, self.busySeconds) = (seconds, busySeconds)
    }

    enum CodingKeys: String, CodingKey {
        case name, patches, padding, batch, seconds
        case busySeconds = "busy_seconds"
    }

    /// Records of before padding was counted do not tell it.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try values.decode(String.self, forKey: .name),
            patches: try values.decode(Int.self, forKey: .patches),
            padding: try values.decodeIfPresent(Int.self, forKey: .padding) ?? 0,
            batch: try values.decode(Int.self, forKey: .batch),
            seconds: try values.decode(Double.self, forKey: .seconds),
            busySeconds: try values.decode(Double.self, forKey: .busySeconds)
        )
    }

    /// Share of its time in which it computed, 0 to 1.
    public var busy: Double { seconds > 0 ? min(1, busySeconds / seconds) : 0 }

    /// Share of the rows that it computed which were no patches, 0 to 1.
    public var paddingShare: Double {
        let rows = patches + padding
        return rows > 0 ? Double(padding) / Double(rows) : 0
    }

    /// What came after an earlier look at the same device.
    public func since(_ earlier: DeviceUse) -> DeviceUse {
        var use = self
        use.patches -= earlier.patches
        use.padding -= earlier.padding
        use.seconds -= earlier.seconds
        use.busySeconds -= earlier.busySeconds
        return use
    }
}
