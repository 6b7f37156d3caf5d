import Records

/// Where a slide lies.
enum SlideOrigin: Equatable, Sendable {
    case path(String)
    case remote(RemoteAddress)

    /// Of what a job has on record.
    init(_ place: String) { self = RemoteAddress(place).map { .remote($0) } ?? .path(place) }
}

extension SlideEntry {
    /// Of a slide that only the laboratory's client can get.
    /// - Parameter id: nil takes its address's last part, without the ending.
    /// - Throws: `SlideID`'s error for an unsafe name.
    init(remote address: RemoteAddress, id: SlideID? = nil, mpp: Double? = nil) throws {
        let name = address.name
        let ending = name.lastIndex(of: ".").flatMap { $0 > name.startIndex ? $0 : nil }
        let stem = address.isFolder ? name : String(name[..<(ending ?? name.endIndex)])
        self.init(id: try id ?? SlideID(stem), path: address.shown, mpp: mpp)
        self.address = address
    }

    /// Whether no path leads to it.
    var isRemote: Bool { RemoteAddress(path) != nil }
}
