import Config
import Records
import Storage

/// The tensors of a file under the names that one library gives them.
struct NamedModel {
    let naming: ViTNaming
    /// What all names of the model begin with in the file, such as `teacher.backbone.`.
    let root: String
    let entries: [String: WeightsFile.Entry]
    /// The file's names by those that the tables have: dinov2 may put the number of a chunk before that of a block.
    private let names: [String: String]

    /// - Parameter path: for errors.
    /// - Throws: `Failure` where no naming fits, or several models are in the file.
    init(_ entries: [String: WeightsFile.Entry], path: String) throws {
        self.entries = entries
        let names = Dictionary(
            entries.keys.map { (Self.withoutChunk($0), $0) },
            uniquingKeysWith: { first, _ in first }
        )
        self.names = names
        for naming in ViTNaming.all {
            guard let root = try Self.root(of: naming.roots(in: names), path: path) else { continue }
            (self.naming, self.root) = (naming, root)
            return
        }
        let shown = entries.keys.sorted().prefix(3).joined(separator: ", ")
        throw Failure(
            .encoder,
            path,
            "its \(entries.count) tensors (\(shown), …) are not called as those of a network that is known here are "
                + "(docs/guides/own-encoder.md); load it in PyTorch and save it with torch.jit.trace and torch.jit.save"
        )
    }

    /// What the names of the model that is meant begin with.
    /// - Parameters:
    ///   - roots: of all models that are there.
    ///   - path: for errors.
    /// - Returns: nil where there is none.
    static func root(of roots: [String], path: String) throws -> String? {
        if roots.isEmpty { return nil }
        // A training keeps a student beside the teacher, who is the encoder.
        let teachers = roots.filter { $0.contains("teacher") || $0.contains("ema") }
        let chosen = roots.count == 1 ? roots : teachers
        guard let root = chosen.first, chosen.count == 1 else {
            throw Failure(
                .encoder,
                path,
                "the file holds several models: \(roots.sorted().map { "'\($0)'" }.joined(separator: ", ")); "
                    + "save the one that is meant in a file of its own"
            )
        }
        return root
    }

    private static func withoutChunk(_ name: String) -> String {
        name.replacing(#/(?<before>^|\.)blocks\.\d+\.(?<block>\d+)\./#) {
            "\($0.output.before)blocks.\($0.output.block)."
        }
    }

    /// More than any network has; a block beyond is not known.
    private static let blocks = 0..<1024

    /// The number of blocks.
    var depth: Int {
        let prefix = root + naming.trunkPrefix + naming.blockPrefix
        let numbers = names.keys.compactMap { name -> Int? in
            name.hasPrefix(prefix) ? Int(name.dropFirst(prefix.count).prefix { $0 != "." }) : nil
        }
        return (numbers.filter(Self.blocks.contains).max() ?? -1) + 1
    }

    /// Whether one of our tensors is in the file, or can be made without it.
    func has(_ ours: String) -> Bool { parts(of: ours)?.contains { $0.name != nil } == true }

    /// What one of our tensors is made of, under the file's own names; nil where the file does not have it.
    func parts(of ours: String) -> TensorParts? {
        var (rows, prefix, name) = (naming.trunk, root + naming.trunkPrefix, ours[...])
        if let block = ours.wholeMatch(of: #/blocks\.(?<number>\d+)\.(?<name>.+)/#) {
            (rows, name) = (naming.block, block.output.name)
            prefix += "\(naming.blockPrefix)\(block.output.number)."
        }
        let row = rows.first { $0.ours == name }
        if row == nil { prefix = root }
        guard let row = row ?? naming.head.first(where: { $0.ours == name }) else { return nil }
        let ways = row.ways.map { $0.map { $0.prefixed(prefix) } }
        return ways.lazy.compactMap(found).first
    }

    private func found(_ parts: TensorParts) -> TensorParts? {
        var found: TensorParts = []
        for part in parts {
            guard let name = part.name else {
                found.append(part)
                continue
            }
            guard let own = names[name] else { return nil }
            found.append(part.renamed(own))
        }
        return found
    }

    /// The shape that the parts have together; nil where only zeros are there, whose number nothing tells.
    func shape(of parts: TensorParts) -> [Int]? {
        let shapes = parts.map(shape)
        guard let known = shapes.compactMap({ $0 }).first, let rows = known.first else { return nil }
        // Zeros take the place of a part as large as the others.
        return [rows * parts.count] + known.dropFirst()
    }

    /// The shape of one part; nil for zeros, and for sides that nobody could multiply.
    func shape(_ part: TensorPiece) -> [Int]? {
        guard let name = part.name, let shape = entries[name]?.shape, shape.allSatisfy((1...1 << 24).contains) else {
            return nil
        }
        switch part {
        case .transposed: return shape.reversed()
        case .part(_, let parts, let count):
            guard let rows = shape.first, rows.isMultiple(of: count) else { return nil }
            return [rows / count * parts.count] + shape.dropFirst()
        case .named, .zeros: return shape
        }
    }

    /// Whether a tensor that nothing of ours is made of may be left out: a head, a text tower, what only training needs.
    func isUnused(_ name: String) -> Bool {
        if entries[name]?.shape.contains(0) == true { return true }
        guard name.hasPrefix(root) else { return Self.isBeside(name) }
        let inner = name.dropFirst(root.count)
        if naming.unused.contains(where: { inner.hasPrefix($0) }) { return true }
        if !naming.trunkPrefix.isEmpty, inner.hasPrefix(naming.trunkPrefix) {
            return naming.unused.contains { inner.dropFirst(naming.trunkPrefix.count).hasPrefix($0) }
        }
        return root.isEmpty && Self.isBeside(name)
    }

    /// Whether a name outside of an encoder of images is one of what stands beside it.
    static func isBeside(_ name: String) -> Bool { beside.contains { name.hasPrefix($0) } }

    /// What stands beside an encoder of images in a file.
    private static let beside = [
        "text", "text_decoder.", "transformer.", "token_embedding.", "positional_embedding", "ln_final.", "logit_scale",
        "logit_bias", "attn_mask", "student", "teacher", "dino_head.", "ibot_head.", "dino_loss.", "ibot_patch_loss.",
        "optimizer", "scaler", "fp16_scaler", "loss.", "proj_contrast", "visual_projection",
    ]
}

extension ViTNaming {
    /// What the names of this naming's tensors begin with, for each model that is in the file.
    fileprivate func roots(in names: [String: String]) -> [String] {
        guard let mark = marks.first else { return [] }
        return names.keys.filter { $0 == mark || $0.hasSuffix(".\(mark)") }.map { String($0.dropLast(mark.count)) }
            .filter { root in
                marks.allSatisfy { names[root + $0] != nil }
                    && (tells.isEmpty || tells.contains { names[root + $0] != nil })
            }
    }
}

extension TensorPiece {
    fileprivate func renamed(_ name: String) -> TensorPiece {
        switch self {
        case .named: .named(name)
        case .transposed: .transposed(name)
        case .part(_, let parts, let count): .part(name, parts, of: count)
        case .zeros: .zeros
        }
    }
}
