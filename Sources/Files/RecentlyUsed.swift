/// Values by key, in the order in which they were used. Whoever holds them says how many there may be.
public struct RecentlyUsed<Key: Hashable, Value> {
    private var entries: [Key: (value: Value, use: Int)] = [:]
    private var clock = 0

    public init() {}

    public var count: Int { entries.count }

    /// A look is a use.
    public subscript(key: Key) -> Value? {
        mutating get {
            guard let known = entries[key] else { return nil }
            clock += 1
            entries[key]?.use = clock
            return known.value
        }
        set {
            clock += 1
            entries[key] = newValue.map { ($0, clock) }
        }
    }

    /// Removes values, the one that was not used for longest first, until there is none or `isEnough` says so of one that is
    /// removed. What it costs is a sort of all, so that of many values several are better removed at once.
    public mutating func removeOldest(until isEnough: (Value) -> Bool) {
        for (key, entry) in entries.sorted(by: { $0.value.use < $1.value.use }) {
            entries[key] = nil
            if isEnough(entry.value) { return }
        }
    }
}

extension RecentlyUsed: Sendable where Key: Sendable, Value: Sendable {}
