import Files
import Foundation
public import Records
import Storage

/// `belonging.safetensors` of a fold: what its training part looks like, and how far its validation slides are from that. Bags of
/// features are compared, as the model gets them: what a stain or a blur does to features is seen, what features do not see is not.
public struct BelongingReference: Equatable {
    static let format = "wsi-belonging-1"
    /// Training bags that are looked at, so that the file of 1,536 features has 13 MB at most.
    static let mostBags = 512

    let width: Int
    private let means: ShrunkenCovariance
    private let spreads: ShrunkenCovariance
    private let patches: NearestPatches
    /// By validation slide: of each measure, in their order.
    let validation: [[Double]]

    /// Reads every validation bag, and as many training bags as it looks at.
    /// - Parameters:
    ///   - training: bags without a row are left out, as in `validation`.
    ///   - validation: not what the fold is tested on, since a slide of it would be found among itself.
    ///   - fold: folds draw apart.
    ///   - bag: the features of a bag, all of one width.
    /// - Returns: nil where fewer than two training bags have a patch.
    public init?(
        training: [SlideID],
        validation: [SlideID],
        fold: Int,
        bag: (SlideID) throws -> Bag
    ) rethrows {
        var random = CounterRandom(seed: 0, "belonging", fold)
        let all = training.sorted()
        let drawn = random.permutation(all.count).prefix(Self.mostBags).sorted().map { all[$0] }
        let each = max(1, NearestPatches.most / max(1, drawn.count))
        let profiles = try drawn.compactMap { try BagProfile(bag($0), patches: each) }
        guard let width = profiles.first?.mean.count,
            let means = ShrunkenCovariance(DenseRows(profiles.map(\.mean), width: width))?.stored,
            let patches = NearestPatches(profiles.flatMap(\.patches), width: width),
            let spreads = ShrunkenCovariance(
                DenseRows(profiles.map { Self.spread($0, patches.scale) }, width: width)
            )?.stored
        else { return nil }
        self.init(width: width, means: means, spreads: spreads, patches: patches, validation: [])
        let values = try validation.sorted().compactMap { slide in try BagProfile(bag(slide)).map(self.values) }
        self.init(width: width, means: means, spreads: spreads, patches: patches, validation: values)
    }

    private init(
        width: Int,
        means: ShrunkenCovariance,
        spreads: ShrunkenCovariance,
        patches: NearestPatches,
        validation: [[Double]]
    ) {
        (self.width, self.means, self.spreads) = (width, means, spreads)
        (self.patches, self.validation) = (patches, validation)
    }

    /// Logarithms, of which one patch alone has some too.
    private static func spread(_ profile: BagProfile, _ scale: [Float]) -> [Double] {
        zip(profile.deviation, scale).map { log($0 / Double($1) + 0.01) }
    }

    private func values(of profile: BagProfile) -> [Double] {
        Belonging.Measure.allCases.map { measure in
            switch measure {
            case .mean: means.distance(of: profile.mean)
            case .spread: spreads.distance(of: Self.spread(profile, patches.scale))
            case .patches: patches.distance(of: profile.patches)
            }
        }
    }

    /// What the fold says of a bag that it was not trained on.
    /// - Returns: nil for a bag without a row, or of another width.
    public func finding(of bag: Bag, fold: Int) -> Belonging.OfFold? {
        guard bag.width == width, let profile = BagProfile(bag) else { return nil }
        let own = values(of: profile)
        let result = StrangenessTest.result(own, among: validation)
        let findings = Belonging.Measure.allCases.enumerated().map { place, measure in
            Belonging.Finding(
                measure,
                value: own[place],
                asStrange: result.asStrange[place],
                isReason: result.isReason[place]
            )
        }
        return Belonging.OfFold(fold: fold, validation: validation.count, p: result.p, findings: findings)
    }
}

/// On disk.
extension BelongingReference {
    private static let validationName = "validation"

    public func write(to fold: FoldFolder) throws {
        var tensors = means.tensors("mean").merging(spreads.tensors("spread")) { $1 }
        tensors.merge(patches.tensors("patches")) { $1 }
        let measures = Belonging.Measure.allCases.count
        tensors[Self.validationName] = StoredTensor(
            shape: [validation.count, measures],
            doubles: validation.flatMap { $0 }
        )
        let metadata = [
            "format": Self.format, "measures": Belonging.Measure.allCases.map(\.rawValue).joined(separator: ","),
        ]
        try SafeTensors(tensors: tensors, metadata: metadata).write(to: fold.file(.belonging))
    }

    /// Of a trained fold; nil where it has none, as those of earlier versions.
    /// - Throws: `MILError.checkpoint` for a file that is not of features so wide; `StorageError` for a damaged one.
    public init?(of fold: FoldFolder, width: Int) throws {
        let url = fold.file(.belonging)
        guard try RegularFile.exists(url) else { return nil }
        let file = try SafeTensors(contentsOf: url)
        let measures = Belonging.Measure.allCases
        guard file.metadata["format"] == Self.format,
            file.metadata["measures"] == measures.map(\.rawValue).joined(separator: ","),
            let means = ShrunkenCovariance("mean", in: file.tensors, width: width),
            let spreads = ShrunkenCovariance("spread", in: file.tensors, width: width),
            let patches = NearestPatches("patches", in: file.tensors, width: width),
            let stored = file.tensors[Self.validationName], stored.kind == .float64,
            stored.shape.count == 2, stored.shape[1] == measures.count
        else {
            throw MILError.checkpoint(
                path: url.path,
                reason: "it is no reference of features of width \(width); train the fold again"
            )
        }
        let values = stored.array(of: Double.self)
        guard values.allSatisfy(\.isFinite) else {
            throw MILError.checkpoint(path: url.path, reason: "a validation slide's distance is no number")
        }
        let rows = (0..<stored.shape[0]).map { Array(values[$0 * measures.count..<($0 + 1) * measures.count]) }
        self.init(width: width, means: means, spreads: spreads, patches: patches, validation: rows)
    }
}
