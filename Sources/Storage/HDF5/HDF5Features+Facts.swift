import Records

extension HDF5Features {
    /// STAMP's coordinates.
    var isInMicrons: Bool {
        get throws { try file.root.value("unit")?.text == "um" || file.root.value("stamp_version") != nil }
    }

    /// What the attributes say: ours and TRIDENT's all of it, CLAM's the side on the slide, STAMP's the side in µm.
    func statedFacts() throws -> PatchFacts {
        var facts = PatchFacts()
        let root = file.root
        let name = try (dataset.object.value("encoder") ?? root.value("extractor"))?.text
        facts.encoder = try PatchFacts.Encoder(
            // TRIDENT writes Python's None as a word, and an encoder's settings as JSON.
            name: name.flatMap { $0.isEmpty || $0 == "None" || $0.hasPrefix("{") ? nil : $0 }
        ) { try root.value($0)?.text }
        facts.colour = try root.value(ReadingFacts.colour)?.text.flatMap(ReadingRules.Colour.init)
        guard try file.has("\(group)coords") else { return facts }
        let coords = try file.dataset("\(group)coords").object
        facts.onSlide.name = try root.value("wsi_slide")?.text ?? coords.value("name")?.text
        func whole(_ number: Double?) -> Int? {
            number.flatMap { Int(exactly: $0.rounded()) }.flatMap { GridFacts.sides.contains($0) ? $0 : nil }
        }
        func positive(_ object: HDF5Object, _ attribute: String) throws -> Double? {
            try object.value(attribute)?.number.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
        }
        if try isInMicrons {
            facts.extent = try positive(root, "tile_size_um")
            facts.side = whole(try positive(root, "tile_size_px"))
            if let extent = facts.extent, let side = facts.side { facts.mpp = extent / Double(side) }
            return facts
        }
        facts.side = whole(try positive(coords, "patch_size"))
        facts.mpp =
            try isOurs ? positive(root, "wsi_patch_mpp") : positive(coords, "target_magnification").map { 10 / $0 }
        facts.onSlide.side = whole(try positive(coords, "patch_size_level0") ?? sideOfLevel(coords, positive))
        if facts.onSlide.side != nil { facts.onSlide.sideOrigin = .stated }
        if let width = whole(try positive(coords, "level0_width")),
            let height = whole(try positive(coords, "level0_height"))
        {
            facts.onSlide.size = PixelSize(width: width, height: height)
        }
        facts.onSlide.step = try isOurs ? whole(positive(root, "wsi_step_level0")) : step(coords, of: facts)
        return facts
    }

    /// CLAM's side: pixels of a level, that level's downsample, and one of its own; nil where the level's is not known.
    private func sideOfLevel(
        _ coords: HDF5Object,
        _ positive: (HDF5Object, String) throws -> Double?
    ) throws -> Double? {
        let (custom, downsample) = (try positive(coords, "custom_downsample"), try positive(coords, "downsample"))
        let level = try coords.value("patch_level")?.integer
        guard let size = try positive(coords, "patch_size"), custom != nil || downsample != nil || level == 0,
            downsample != nil || level ?? 0 == 0
        else { return nil }
        return size * (custom ?? 1) * (downsample ?? 1)
    }

    /// TRIDENT's overlap is in pixels of a patch.
    private func step(_ coords: HDF5Object, of facts: PatchFacts) throws -> Int? {
        guard let overlap = try coords.value("overlap")?.number, let patch = facts.side, let side = facts.onSlide.side,
            overlap >= 0, overlap < Double(patch)
        else { return nil }
        return Int(exactly: (Double(side) * (1 - overlap / Double(patch))).rounded())
    }
}
