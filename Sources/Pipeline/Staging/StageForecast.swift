import Records

/// What a command would copy, for `--dry-run`.
enum StageForecast {
    /// - Returns: no note where nothing is staged and every slide has a path.
    static func notes(on slides: [(slide: SlideID, place: String)], _ staging: Staging?) async -> [String] {
        let remote = slides.filter { RemoteAddress($0.place) != nil }
        var notes: [String] = []
        if !remote.isEmpty {
            let shown = remote.map(\.slide.text).shortened
            notes.append(
                "\(remote.count) slide(s) lie where only a client gets them, and are not looked into: \(shown)"
            )
        }
        guard let staging else { return notes }
        let local = slides.filter { RemoteAddress($0.place) == nil }.map { SlideOrigin($0.place) }
        var (bytes, copied, large) = (0, 0, 0)
        for origin in local {
            guard let size = try? await FileCopier().bytes(of: origin) else { continue }
            if size > staging.room.limit { large += 1 } else { (bytes, copied) = (bytes + size, copied + 1) }
        }
        let unknown = remote.isEmpty ? "" : ", and \(remote.count) slide(s) of unknown size"
        let rest = large == 0 ? "" : "; \(large) slide(s) are larger than the stage and would be read where they lie"
        notes.append("\(ByteSize.text(bytes)) of \(copied) slide(s) would be copied to the stage\(unknown)\(rest)")
        return notes
    }
}
