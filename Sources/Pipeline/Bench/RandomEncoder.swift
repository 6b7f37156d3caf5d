import Config
import Files
public import Foundation
import Records
import Storage

/// An encoder of a known architecture whose weights are drawn by lot: as quick as the real one, and of no other use.
public enum RandomEncoder {
    /// Architectures by their usual names, and the encoder of the list that has each.
    private static let shapes = [
        (name: "vit-s16", preset: "lunit-s16"), (name: "vit-b16", preset: "kaiko-b16"),
        (name: "vit-l16", preset: "uni"), (name: "vit-g14", preset: "h-optimus-0"),
    ]

    /// What it takes where nothing is wanted.
    public static let usual = "resnet50"

    public static var names: [String] { shapes.map(\.name) + EncoderPreset.all.map(\.name) }

    /// - Returns: the encoder's JSON, and the patches that it is given; nil where no architecture has this name.
    /// - Throws: `StorageError`, where the disk is full.
    public static func write(_ word: String, to folder: URL) throws -> (file: URL, cut: PatchCut)? {
        let shape = shapes.first { $0.name == word.lowercased() }
        guard let preset = EncoderPreset.named(shape?.preset ?? word) else { return nil }
        let wanted = preset.preprocessing
        let name = shape?.name ?? preset.name
        var manifest = ManifestDraft(
            name: name,
            dim: preset.dim,
            input: wanted.input,
            resize: shape == nil ? wanted.resize : nil,
            mean: wanted.mean,
            std: wanted.std,
            interpolation: wanted.interpolation,
            mpp: preset.mpp ?? PatchCut.usualMPP,
            licence: "none",
            source: "random weights",
            architecture: preset.architecture
        )
        let tensors = preset.architecture.tensors(input: wanted.input)
        let shapes = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.shape) })
        let weights = folder.appending(path: manifest.weights)
        var lot = WeightLot()
        try SafeTensorsWriter.write(shapes.mapValues { .init(kind: .bfloat16, shape: $0) }, to: weights) {
            lot.tensor($0, shapes[$0] ?? [])
        }
        manifest.sha256 = try Digest.sha256(fileAt: weights)
        let file = folder.appending(path: EncoderImport.fileName)
        try CanonicalJSON.write(manifest, to: file)
        // A network is measured by its own input, an encoder by the patches that people give it.
        let side = shape == nil ? preset.patch ?? wanted.input : wanted.input
        return (file, PatchCut(side: side, mpp: manifest.mpp))
    }
}

/// How patches are cut for an encoder.
public struct PatchCut: Codable, Equatable, Sendable {
    static let usualMPP = 0.5

    /// In pixels.
    public var side: Int
    /// µm per pixel.
    public var mpp: Double

    public init(side: Int, mpp: Double) { (self.side, self.mpp) = (side, mpp) }
}

extension EncoderChoice {
    /// The patches that it is usually given.
    public var cut: PatchCut {
        guard case .neural(let manifest, _) = self else { return PatchCut(side: 256, mpp: PatchCut.usualMPP) }
        let side = manifest.preset.flatMap(EncoderPreset.named)?.patch
        return PatchCut(side: side ?? manifest.resize ?? manifest.input, mpp: manifest.mpp)
    }
}

extension EncoderArchitecture {
    /// Every tensor of its weights by name and shape.
    /// - Parameter input: side of an image in pixels.
    func tensors(input: Int) -> [(name: String, shape: [Int])] {
        switch self {
        case .vit(let architecture): architecture.tensors(grid: input / architecture.patch)
        case .resnet(let architecture): architecture.tensors
        case .swin(let architecture): architecture.tensors(input: input)
        case .convnext(let architecture): architecture.tensors
        case .mobilenet(let architecture): architecture.tensors
        }
    }
}

/// Numbers in bf16 that keep a network's values of the size of 1; the same every time.
private struct WeightLot {
    /// Signs and mantissas; their number divides no row of a matrix.
    private let lot: [UInt16]
    /// Of numbers from 2 to the exponent on.
    private var blocks: [Int: Data] = [:]

    init() {
        var random = CounterRandom(seed: 1, "weights")
        lot = (0..<1_000_003).map { _ in UInt16(truncatingIfNeeded: random.next()) & 0x807F }
    }

    mutating func tensor(_ name: String, _ shape: [Int]) -> StoredTensor {
        let count = shape.reduce(1, *)
        guard shape.count > 1 else {
            // Scales and variances are 1, shifts 0.
            let isOne = ["weight", "gamma", "running_var"].contains { name.hasSuffix($0) }
            let bytes = Data(Array(repeating: isOne ? [0x80, 0x3F] : [0, 0], count: count).joined())
            return StoredTensor(kind: .bfloat16, shape: shape, bytes: bytes)
        }
        let inputs = Double(shape.dropFirst().reduce(1, *))
        let exponent = Int((-log2(inputs) / 2).rounded(.down))
        let block = blocks[exponent] ?? self.block(exponent)
        blocks[exponent] = block
        var bytes = Data(capacity: 2 * count)
        while bytes.count < 2 * count { bytes.append(block.prefix(2 * count - bytes.count)) }
        return StoredTensor(kind: .bfloat16, shape: shape, bytes: bytes)
    }

    private func block(_ exponent: Int) -> Data {
        let bits = UInt16(exponent + 127) << 7
        return lot.map { ($0 | bits).littleEndian }.withUnsafeBytes { Data($0) }
    }
}
