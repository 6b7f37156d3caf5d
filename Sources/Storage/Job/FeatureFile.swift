import Files
public import Foundation
public import Records

/// What a feature file tells without its numbers being read.
public struct FeatureShape: Equatable, Sendable {
    /// N.
    public var count: Int
    /// D; 0 in an empty file that does not state it.
    public var width: Int
    /// What the file says of its patches and their encoder.
    public var facts: PatchFacts

    /// The encoder's name, if the file tells.
    public var encoder: String? { facts.encoder.name }

    public init(count: Int, width: Int, facts: PatchFacts = PatchFacts()) {
        self.count = count
        self.width = width
        self.facts = facts
    }

    public init(count: Int, width: Int, encoder: String?) {
        self.init(count: count, width: width, facts: PatchFacts(encoder: PatchFacts.Encoder(name: encoder)))
    }
}

/// The features of one slide, from files of ours or other tools:
///
/// - HDF5 of ours or TRIDENT (`features`, `coords` in level-0 pixels), CLAM (the same without attributes), STAMP (`feats` in
///   fp16, `coords` in µm), and ACMIL's one file for all slides (a group per slide with `feat` and `coords`);
/// - `.pt` with one plain tensor, as CLAM's `pt_files`;
/// - `.safetensors` with `ID/features` for every slide.
public struct FeatureFile: Sendable {
    /// N·D values, row-major; fp16 and fp64 are converted to fp32. May hold NaN: see `nonFiniteRows`.
    public internal(set) var features: [Float]
    /// N.
    public internal(set) var count: Int
    /// D; 0 in an empty file that does not state it.
    public internal(set) var width: Int
    /// Top-left corner of each row's patch in level-0 pixels; empty where the file does not tell.
    public internal(set) var corners: [PixelPoint] = []
    /// What the file says of its patches and their encoder; the side of a patch is inferred from the corners where it does not.
    public internal(set) var facts = PatchFacts()
    /// Facts of the grid, in our own files; its corners are the file's rows.
    public internal(set) var grid: PatchGrid?
    /// Patches that could not be read and have no row.
    public internal(set) var unreadable: [PixelPoint] = []
    /// Texts of the root's `wsi_` attributes, such as `wsi_fingerprint`.
    public internal(set) var attributes: [String: String] = [:]

    /// Side of a patch in level-0 pixels, if the file or the distance of its patches tells.
    public var sideLevel0: Int? { facts.onSlide.side }
    /// The encoder's name, if the file tells.
    public var encoder: String? { facts.encoder.name }

    /// - Parameters:
    ///   - slide: whose features; needed only for a file of several slides.
    ///   - slideMPP: µm per level-0 pixel; needed only to place files whose coordinates are in µm.
    /// - Throws: `StorageError` for a missing or broken file, or one without features `[N, D]`.
    public init(contentsOf url: URL, slide: SlideID? = nil, slideMPP: Double? = nil) throws {
        var files = OpenFeatureFiles()
        try self.init(FeatureStore(url, slide: slide, from: &files), slideMPP: slideMPP)
    }

    init(_ store: FeatureStore, slideMPP: Double?) throws {
        try self.init(placesOf: store, slideMPP: slideMPP)
        features = try store.floats()
    }

    /// All but the numbers.
    init(placesOf store: FeatureStore, slideMPP: Double?) throws {
        let shape = try store.shape()
        (features, count, width, facts) = ([], shape.count, shape.width, shape.facts)
        if case .hdf5(let store) = store { try store.readPlaces(into: &self, slideMPP: slideMPP) }
    }

    /// What a file says of its features, without the numbers.
    public static func shape(of url: URL, slide: SlideID? = nil) throws -> FeatureShape {
        try FeatureShelf().shape(of: url, slide: slide)
    }

    /// The slides in a file of several: `ID/features` of a safetensors, groups of an HDF5 file.
    public static func slides(in url: URL) throws -> [String] {
        guard url.pathExtension.lowercased() == "safetensors" else { return try HDF5Features.slides(in: url) }
        let names = try SafeTensorsDirectory(contentsOf: url).entries.keys.filter { $0.hasSuffix("/features") }
        return names.map { String($0.dropLast("/features".count)) }.sorted()
    }

    /// Rows with a NaN or an infinity.
    public var nonFiniteRows: [Int] {
        (0..<count).filter { row in !features[row * width..<(row + 1) * width].allSatisfy(\.isFinite) }
    }
}

/// An open file of features.
enum FeatureStore {
    case hdf5(HDF5Features)
    case torch(TorchFile, URL)
    case safetensors(SafeTensorsDirectory.Entry, SafeTensorsDirectory)

    init(_ url: URL, slide: SlideID?, from files: inout OpenFeatureFiles) throws {
        switch url.pathExtension.lowercased() {
        case "pt", "pth": self = .torch(try TorchFile(contentsOf: url), url)
        case "safetensors":
            let names = ["\(slide?.text ?? "")/features", "features"]
            let directory = try files.directory(url)
            guard let tensor = names.lazy.compactMap({ directory.entries[$0] }).first else {
                throw StorageError.malformed(path: url.path, reason: "\(names[0]) is not in the file")
            }
            self = .safetensors(tensor, directory)
        default: self = .hdf5(try HDF5Features(files.file(url), slide: slide))
        }
    }

    func shape() throws -> FeatureShape {
        switch self {
        case .hdf5(let features): try features.shape()
        case .torch(let file, let url): try Self.shape(file.shape, of: url.path)
        case .safetensors(let tensor, let directory): try Self.shape(tensor.shape, of: directory.url.path)
        }
    }

    func floats() throws -> [Float] {
        switch self {
        case .hdf5(let features): return try features.dataset.floats()
        case .torch(let file, _): return file.floats()
        case .safetensors(let tensor, let directory):
            guard let floats = try directory.tensor(tensor).floats else {
                throw StorageError.malformed(
                    path: directory.url.path,
                    reason: "features are of type \(tensor.kind.rawValue); floating-point numbers are wanted"
                )
            }
            return floats
        }
    }

    /// - Throws: `StorageError.malformed` where the sides are none of `[N, D]`; `[0]` is an empty bag of some tools.
    static func shape(_ sides: [Int], of path: String) throws -> FeatureShape {
        guard sides.count == 2 || sides == [0] else {
            throw StorageError.malformed(
                path: path,
                reason: "features have shape \(sides); wanted are floating-point numbers [N, D]"
            )
        }
        guard sides[0] == 0 || sides[1] > 0 else {
            throw StorageError.malformed(path: path, reason: "features have \(sides[0]) rows without a value")
        }
        return FeatureShape(count: sides[0], width: sides.count == 2 ? sides[1] : 0)
    }
}
