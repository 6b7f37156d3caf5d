import Files
public import Foundation
public import Records

/// `ID.h5` of a model's predictions: `attention` `[N]`, `branch_attention` `[K, N]` and `coords` `[N, 2]` in level-0
/// pixels; probabilities and the model's facts as `wsi_` attributes of the root. `wsi_score_kind` says what the numbers
/// are (without it: attention), `wsi_row_names` what the K rows are (without it: branches in their order), `wsi_main_rows`
/// which of them `attention` is the mean of (without it: not known), `wsi_bag_patches` how many patches share the attention
/// (without it: N).
public struct PredictionFile: Equatable, Sendable {
    public var prediction: Prediction
    /// Class names; the index is that of the probabilities.
    public var classes: [String]
    /// Name of the training that made the model.
    public var model: String
    /// Folds whose checkpoints were averaged.
    public var folds: [Int]
    /// Facts of the patch grid, its corners equal to the prediction's; nil where the features came from another tool.
    public var grid: PatchGrid?
    /// Side of a patch in level-0 pixels, where it is known.
    public var sideLevel0: Int?
    /// Patches of the bag that attention is shared out over: the slide's, or all of its case's where that is one bag. Uniform
    /// attention is one over this number.
    public var bagPatches: Int
    /// What the features said of themselves, with the side of a patch and where that comes from; nil in predictions of earlier
    /// versions.
    public var facts: PatchFacts?
    /// In what the features differ from those of the training, and the user went on.
    public var accepted: [Mismatch]
    /// Further texts of the root, such as `wsi_fingerprint` and `wsi_encoder`; every name begins with `wsi_`.
    public var attributes: [String: String]
    /// What is said against its map wherever that is shown; nothing of it is in the file.
    public var doubt: String?

    public init(
        prediction: Prediction,
        classes: [String],
        model: String,
        folds: [Int],
        grid: PatchGrid?,
        sideLevel0: Int?,
        bagPatches: Int? = nil,
        facts: PatchFacts? = nil,
        accepted: [Mismatch] = [],
        attributes: [String: String]
    ) {
        self.prediction = prediction
        self.classes = classes
        self.model = model
        self.folds = folds
        self.grid = grid
        self.sideLevel0 = sideLevel0 ?? grid?.geometry.sideLevel0
        self.bagPatches = bagPatches ?? prediction.attention.count
        self.facts = facts
        self.accepted = accepted
        self.attributes = attributes
    }

    /// - Throws: `StorageError.malformed` where the shapes do not fit each other.
    public func write(to url: URL) throws {
        let count = prediction.attention.count
        guard prediction.branchAttention.allSatisfy({ $0.count == count }),
            prediction.corners.isEmpty || prediction.corners.count == count,
            grid.map({ $0.corners == prediction.corners && $0.slide == prediction.slide }) ?? true,
            prediction.answer.fits(classes: classes.count),
            prediction.rowNames.count == prediction.branchAttention.count,
            Self.areRows(prediction.mainRows, of: prediction.branchAttention.count)
        else {
            throw StorageError.malformed(path: url.path, reason: "the shapes of the prediction do not fit each other")
        }
        if let bad = prediction.attention.firstIndex(where: { !$0.isFinite }) {
            throw StorageError.nonFinite(path: url.path, row: bad)
        }
        try AtomicFile.publish(to: url) { temporary in
            try HDF5File.make(at: temporary, fill)
            guard try PredictionFile(contentsOf: temporary) == self else {
                throw StorageError.readsBackDifferently(url)
            }
        }
    }

    /// - Throws: `StorageError` for a missing, broken or foreign file.
    public init(contentsOf url: URL) throws {
        let file = try HDF5File.open(url)
        func malformed(_ reason: String) -> StorageError { .malformed(path: url.path, reason: reason) }
        // First: what another version has written may have an answer that is not known here.
        let version = try file.root.value(Self.versionName).map { $0.integer ?? 0 } ?? 1
        guard (1...Self.version).contains(version) else {
            throw malformed(
                "prediction version \(version), this program reads 1 to \(Self.version); "
                    + "use the wsi that wrote it, or run 'wsi predict' for this slide"
            )
        }
        guard try GridFacts.isOurs(file), let name = try file.root.value("wsi_slide")?.text,
            let model = try file.root.value("wsi_model")?.text,
            let classes = try file.root.value("wsi_classes")?.text,
            let answer = try Answer(stored: { try file.root.value(Self.prefix + $0)?.ofAnswer }),
            case .integers(let folds) = try file.root.value("wsi_folds")
        else { throw malformed("not a prediction of wsi; run 'wsi predict' for this slide") }
        guard let names = try? JSONDecoder().decode([String].self, from: Data(classes.utf8)),
            answer.fits(classes: names.count)
        else { throw malformed("wsi_classes does not name the \(answer.ofClass?.probabilities.count ?? 0) classes") }
        guard answer.isFinite else { throw malformed("a probability or the threshold is no number") }
        let attention = try file.dataset("attention")
        let branches = try file.dataset("branch_attention")
        guard attention.shape.count == 1, branches.shape.count == 2, branches.shape[1] == attention.count else {
            throw malformed("attention \(attention.shape) and branch_attention \(branches.shape) do not fit each other")
        }
        let rows = try branches.floats()
        let coords = try file.dataset("coords")
        let corners = try GridFacts.corners(coords, in: file, scale: 1)
        guard corners.isEmpty || corners.count == attention.count else {
            throw malformed("\(attention.count) values of attention for \(corners.count) coordinates")
        }
        let kind = try file.root.value("wsi_score_kind")?.text ?? MapKind.attention.rawValue
        let rowNames = try file.root.value("wsi_row_names")?.text.map { text in
            try? JSONDecoder().decode([String].self, from: Data(text.utf8))
        }
        guard let kind = MapKind(rawValue: kind), rowNames.map({ $0?.count == branches.shape[0] }) ?? true else {
            throw malformed("wsi_score_kind or wsi_row_names does not fit the \(branches.shape[0]) rows")
        }
        func stored<Value: Decodable>(_ name: String, _ type: Value.Type) throws -> Value? {
            guard let text = try file.root.value(name)?.text else { return nil }
            guard let value = try? JSONDecoder().decode(type, from: Data(text.utf8)) else {
                throw malformed("\(name) cannot be read")
            }
            return value
        }
        let mainRows = try stored(Self.mainRowsName, [Int].self)
        guard Self.areRows(mainRows, of: branches.shape[0]) else {
            throw malformed("\(Self.mainRowsName) does not fit the \(branches.shape[0]) rows")
        }
        prediction = Prediction(
            slide: try SlideID(name),
            answer: answer,
            kind: kind,
            branchAttention: (0..<branches.shape[0]).map { branch in
                Array(rows[branch * attention.count..<(branch + 1) * attention.count])
            },
            rowNames: rowNames ?? nil,
            mainRows: mainRows,
            attention: try attention.floats(),
            corners: corners
        )
        self.classes = names
        self.model = model
        self.folds = folds
        grid = try file.root.value("wsi_mpp") == nil ? nil : GridFacts.read(file)
        sideLevel0 = try coords.object.value("patch_size_level0")?.integer
        bagPatches = try file.root.value("wsi_bag_patches")?.integer ?? attention.count
        guard sideLevel0.map(GridFacts.sides.contains) ?? true, (0...GridFacts.sides.upperBound).contains(bagPatches)
        else {
            throw malformed("patch_size_level0 or wsi_bag_patches is out of range")
        }
        facts = try stored(Self.factsName, PatchFacts.self)
        accepted = try stored(Self.acceptedName, [Mismatch].self) ?? []
        _ = try stored(Self.targetsName, [FurtherAnswer].self)
        attributes = try GridFacts.attributes(of: file)
        for name in Self.ownNames { attributes[name] = nil }
    }

    /// Whether the side of a patch was inferred from the distance of patches.
    public var isSideInferred: Bool { facts?.onSlide.sideOrigin == .inferred }

    /// Version of what is beside the grid. 1 has no attribute for it, and no `wsi_main_rows`; 3 is of answers that are no class,
    /// which programs that know of classes alone do not read. Files of 2 may have such answers, too.
    static let version = 3

    private var writtenVersion: Int { prediction.answer.ofClass == nil ? Self.version : 2 }

    private static func areRows(_ places: [Int]?, of count: Int) -> Bool {
        guard let places else { return true }
        return !places.isEmpty && places.allSatisfy((0..<count).contains)
            && zip(places, places.dropFirst()).allSatisfy { $0 < $1 }
    }

    private static let versionName = "wsi_prediction_version"
    private static let mainRowsName = "wsi_main_rows"
    private static let factsName = "wsi_facts"
    private static let acceptedName = "wsi_accepted_mismatches"
    private static let ownNames = [
        "wsi_slide", "wsi_model", "wsi_classes", "wsi_score_kind", "wsi_row_names", mainRowsName, factsName,
        acceptedName,
    ]

    func fill(_ file: HDF5File) throws {
        if let grid {
            try GridFacts.write(grid, attributes: attributes, to: file)
        } else {
            let side = sideLevel0.map { [("patch_size_level0", HDF5Value.integer($0))] } ?? []
            try GridFacts.writeCorners(prediction.corners, named: "coords", facts: side, to: file)
            try file.root.set("wsi_format_version", .integer(GridFacts.formatVersion))
            try file.root.set("wsi_complete", .integer(1))
            try GridFacts.write(attributes: attributes, to: file)
        }
        try file.root.set(Self.versionName, .integer(writtenVersion))
        try file.root.set("wsi_slide", .text(prediction.slide.text))
        try file.root.set("wsi_model", .text(model))
        try file.root.set("wsi_folds", .integers(folds))
        try file.root.set("wsi_bag_patches", .integer(bagPatches))
        func store(_ name: String, _ value: some Encodable) throws {
            try file.root.set(name, .text(String(decoding: try CanonicalJSON.line(value), as: UTF8.self)))
        }
        try store("wsi_classes", classes)
        if let facts { try store(Self.factsName, facts) }
        if !accepted.isEmpty { try store(Self.acceptedName, accepted) }
        try file.root.set("wsi_score_kind", .text(prediction.kind.rawValue))
        try store("wsi_row_names", prediction.rowNames)
        if let mainRows = prediction.mainRows { try store(Self.mainRowsName, mainRows) }
        for (name, value) in prediction.answer.stored { try file.root.set(Self.prefix + name, HDF5Value(value)) }
        let count = prediction.attention.count
        try file.create("attention", .float32, shape: [count]).write(prediction.attention)
        let branches = try file.create("branch_attention", .float32, shape: [prediction.branchAttention.count, count])
        try branches.write(prediction.branchAttention.flatMap { $0 })
    }
}
