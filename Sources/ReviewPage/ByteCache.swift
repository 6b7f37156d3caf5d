import Foundation

/// Tiles that were made lately, as far as they have room.
actor ByteCache<Key: Hashable & Sendable> {
    private var entries: [Key: (data: Data, use: Int)] = [:]
    private var bytes = 0
    private var clock = 0
    private let limit: Int

    /// - Parameter limit: in bytes.
    init(limit: Int) { self.limit = limit }

    /// - Throws: what `make` throws.
    func value(_ key: Key, make: @Sendable () async throws -> Data) async throws -> Data {
        clock += 1
        if let known = entries[key] {
            entries[key]?.use = clock
            return known.data
        }
        let data = try await make()
        // Another request may have made the same one in the meantime.
        bytes += data.count - (entries.updateValue((data, clock), forKey: key)?.data.count ?? 0)
        if bytes > limit { shrink() }
        return data
    }

    /// Frees an eighth, the longest unused first: sorting for each new tile would be too much.
    private func shrink() {
        for (key, entry) in entries.sorted(by: { $0.value.use < $1.value.use }) {
            guard bytes > limit - limit / 8 else { return }
            bytes -= entry.data.count
            entries[key] = nil
        }
    }
}
