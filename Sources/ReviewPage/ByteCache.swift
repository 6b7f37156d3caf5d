import Files
import Foundation

/// Tiles that were made lately, as far as they have room.
actor ByteCache<Key: Hashable & Sendable> {
    private var entries = RecentlyUsed<Key, Data>()
    private var bytes = 0
    private let limit: Int

    /// - Parameter limit: in bytes.
    init(limit: Int) { self.limit = limit }

    /// - Throws: what `make` throws.
    func value(_ key: Key, make: @Sendable () async throws -> Data) async throws -> Data {
        if let known = entries[key] { return known }
        let data = try await make()
        // Another request may have made the same one in the meantime.
        bytes += data.count - (entries[key]?.count ?? 0)
        entries[key] = data
        // An eighth at once: sorting for each new tile would be too much.
        if bytes > limit {
            entries.removeOldest { removed in
                bytes -= removed.count
                return bytes <= limit - limit / 8
            }
        }
        return data
    }
}
