import Records

/// The directories of a TIFF that are the slide. Labels, overviews and thumbnails, which are of another shape or are called so,
/// are never among them.
struct TIFFImage {
    /// The kind of file, as it is told.
    var vendor: String
    /// Level 0 first, each of one directory, or of one for red, green and blue each.
    var levels: [[TIFFDirectory]]
    /// µm per pixel where the kind defines them.
    var mpp: (x: Double, y: Double)?
    /// Of an OME-TIFF that says it.
    var omePixel: OMEPixel?
    /// Of the images of the file that are scenes of the slide, this one among them; empty for a kind that has none.
    var scenes: [PixelSize] = []
    /// What was taken where the file leaves it open, in words.
    var notes: [String] = []

    /// - Parameters:
    ///   - directories: of the file, not empty.
    ///   - file: its name.
    /// - Throws: `SlideError` for a file of which no image is a slide that is read.
    init(_ directories: [TIFFDirectory], file: String, _ rules: ReadingRules) throws {
        let description = directories[0].description ?? ""
        if let ome = OMEImages(description: description, file: file) {
            try self.init(ome, directories, rules)
        } else if let companion = OMEImages.companion(description: description) {
            try self.init(directories, describedIn: companion, rules)
        } else if QPTIFF.isOne(description) {
            try self.init(qptiff: directories, rules)
        } else {
            try self.init(plain: directories, rules)
            guard let aperio = Aperio(description: description) else { return }
            (vendor, mpp) = ("aperio", aperio.mpp.map { ($0, $0) })
        }
    }

    /// The largest image is the slide.
    private init(plain directories: [TIFFDirectory], _ rules: ReadingRules) throws {
        let images = directories.filter { !$0.isMask }
        // Of equal ones the first.
        guard let largest = images.map(\.seenSize.area).max(),
            let whole = images.first(where: { $0.seenSize.area == largest })
        else { throw SlideError.refused("it has masks and no image", wayOut: WayOut.mask) }
        let alike = images.count { $0.seenSize == whole.seenSize }
        guard alike == 1 else {
            if whole.samples == 1 { throw SlideError.channels(alike, bits: whole.bits) }
            throw SlideError.refused(
                "it has \(alike) images of one size, such as focal planes, of which any could be the slide",
                wayOut: WayOut.oneImage
            )
        }
        let smaller = whole.children + images.filter { $0.isTiled == whole.isTiled || $0.isReduced }
        self.init(vendor: "generic-tiff", [whole], smaller: smaller, rules)
    }

    /// Without its description only a file of one image and its levels is one that can be told.
    /// - Parameter companion: the file that has the description.
    private init(_ directories: [TIFFDirectory], describedIn companion: String, _ rules: ReadingRules) throws {
        try self.init(plain: directories, rules)
        let known = Set(levels.map { $0[0].seenSize })
        guard directories.allSatisfy({ known.contains($0.seenSize) }) else {
            throw SlideError.refused(
                "it has several images, and only \(companion), which is not read, says what they are",
                wayOut: WayOut.oneFile
            )
        }
        vendor = "ome-tiff"
        notes = ["its OME-XML is in \(companion), which is not read: µm per pixel are not taken from there"]
    }

    private init(_ ome: OMEImages, _ directories: [TIFFDirectory], _ rules: ReadingRules) throws {
        guard ome.images.contains(where: \.isHere) else {
            throw Self.elsewhere(ome.images.reduce(into: []) { $0.formUnion($1.otherFiles) }, isPart: false)
        }
        let scenes = ome.scenes
        guard scenes.count == 1 || rules.scene != nil else {
            let sizes =
                scenes.prefix(8).map { "\($0.size.width) × \($0.size.height)" } + (scenes.count > 8 ? ["…"] : [])
            throw SlideError.refused(
                "the slide has \(scenes.count) scenes as images of their own (\(sizes.joined(separator: ", ")) pixels)",
                wayOut: "read one of them with --scene 1 to --scene \(scenes.count)"
            )
        }
        guard scenes.indices.contains((rules.scene ?? 1) - 1) else {
            throw SlideError.scene(rules.scene ?? 1, count: scenes.count)
        }
        let image = scenes[(rules.scene ?? 1) - 1]
        guard image.depth == 1 else {
            throw SlideError.refused(
                "the image has \(image.depth) focal planes or points of time, and one is read",
                wayOut: WayOut.oneImage
            )
        }
        let planes = try Self.planes(of: image, directories)
        let seen = scenes.map { scene in
            (scene.planes.first ?? nil).flatMap { directories.indices.contains($0) ? directories[$0] : nil }
                .map(\.seenSize) ?? scene.size
        }
        // Labels, and the other scenes.
        let others = Set((ome.images.filter(\.isLabel) + scenes).flatMap(\.planes))
        guard planes.count == 1 else {
            // Each colour has a pyramid of its own.
            let counts = planes.map(\.children.count)
            let shared = (0..<(counts.min() ?? 0)).map { level in planes.map { $0.children[level] } }
            self.init(vendor: "ome-tiff", levels: [planes] + shared.filter { Self.isLevel($0, of: planes, rules) })
            levels.sort { $0[0].seenSize.area > $1[0].seenSize.area }
            (self.scenes, omePixel) = (seen, image.pixel)
            return
        }
        let rest = directories.indices.filter { !others.contains($0) }.map { directories[$0] }
        self.init(vendor: "ome-tiff", planes, smaller: planes[0].children + rest, rules)
        (self.scenes, omePixel) = (seen, image.pixel)
    }

    /// The directories of an image: one of colour or grey, or three of one colour each.
    /// - Throws: `SlideError.refused` with the number of channels where they are no colours, or the files that they are in.
    private static func planes(of image: OMEImages.Image, _ directories: [TIFFDirectory]) throws -> [TIFFDirectory] {
        if !image.otherFiles.isEmpty { throw elsewhere(image.otherFiles, isPart: true) }
        let found = image.planes.map { place in
            place.flatMap {
                directories.indices.contains($0) && directories[$0].size == image.size ? directories[$0] : nil
            }
        }
        let channels = image.channels.reduce(0) { $0 + $1.samples }
        guard let first = found.first ?? nil else {
            let place =
                (image.planes.first ?? nil).map { "directory \($0) of \(directories.count)" }
                ?? "none of its directories"
            throw SlideError.refused(
                "its OME-XML names \(place) for an image of \(image.size.width) × \(image.size.height) pixels, which is not there",
                wayOut: WayOut.oneFile
            )
        }
        let isFluorescent = image.channels.count > 1 && image.channels.contains(where: \.isFluorescent)
        if first.samples >= image.channels.count, first.samples > 1 || image.channels.count == 1, !isFluorescent {
            return [first]
        }
        let planes = found.compactMap { $0 }
        guard image.channels.areColours, planes.count == 3, Set(planes.map(\.offset)).count == 3,
            planes.allSatisfy({ $0.samples == 1 && $0.isSameImage(as: first) })
        else { throw SlideError.channels(channels, bits: first.bits) }
        return planes
    }

    /// - Parameter isPart: whether some of the image is in this file.
    private static func elsewhere(_ files: Set<String>, isPart: Bool) -> SlideError {
        let names = files.sorted()
        let shown = names.prefix(3).joined(separator: ", ") + (names.count > 3 ? " and \(names.count - 3) more" : "")
        return .refused(
            (isPart ? "a part of its image" : "its image")
                + " is in \(names.count == 1 ? "another file" : "other files"), \(shown)",
            wayOut: isPart || names.count > 1
                ? WayOut.oneFile : "name that file, or give this one its name back where it is the same"
        )
    }

    private init(qptiff directories: [TIFFDirectory], _ rules: ReadingRules) throws {
        let whole = directories.filter { QPTIFF.isLevel($0, reduced: false) }
        guard let first = whole.first else {
            throw SlideError.refused("its description calls none of its images whole", wayOut: WayOut.again)
        }
        guard whole.count == 1 else {
            throw SlideError.channels(whole.count * first.samples, bits: first.bits)
        }
        self.init(
            vendor: "qptiff",
            whole,
            smaller: directories.filter { QPTIFF.isLevel($0, reduced: true) },
            rules
        )
        mpp = first.resolution.map { ($0.mppX, $0.mppY) }
    }

    private init(vendor: String, levels: [[TIFFDirectory]]) { (self.vendor, self.levels) = (vendor, levels) }

    /// - Parameter smaller: those that may be levels; of several of one size the first is one. Whether a level shows what level 0
    ///   shows is found out where it is used.
    private init(
        vendor: String,
        _ whole: [TIFFDirectory],
        smaller: [TIFFDirectory],
        _ rules: ReadingRules
    ) {
        self.init(vendor: vendor, levels: [whole])
        for level in smaller where Self.isLevel([level], of: whole, rules) {
            if levels.contains(where: { $0[0].seenSize == level.seenSize }) { continue }
            levels.append([level])
        }
        levels.sort { $0[0].seenSize.area > $1[0].seenSize.area }
    }

    private static func isLevel(
        _ level: [TIFFDirectory],
        of whole: [TIFFDirectory],
        _ rules: ReadingRules
    ) -> Bool {
        let isReduced = level[0].seenSize.isReduced(from: whole[0].seenSize)
        return isReduced && !level[0].isMask && level[0].isGrey == whole[0].isGrey
            && level.allSatisfy { $0.isSameImage(as: level[0]) }
            && (try? TIFFForm(level[0], planes: level.count, rules)) != nil
    }
}

/// Akoya's (PerkinElmer's) kind of TIFF: XML in each directory says what its image is.
enum QPTIFF {
    static func isOne(_ description: String) -> Bool { description.contains("<PerkinElmer-QPI-ImageDescription") }

    static func isLevel(_ directory: TIFFDirectory, reduced: Bool) -> Bool {
        let kind = reduced ? "ReducedResolution" : "FullResolution"
        return directory.description?.contains("<ImageType>\(kind)</ImageType>") == true
    }
}

/// What Aperio writes into its first directory.
struct Aperio {
    /// µm per pixel.
    var mpp: Double?

    init?(description: String) {
        guard description.hasPrefix("Aperio") else { return nil }
        mpp = description.firstMatch(of: /\|\s*MPP\s*=\s*([0-9.]+)/).flatMap { Double($0.1) }
    }
}
