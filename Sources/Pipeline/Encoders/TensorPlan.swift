import Config
import Foundation
import Records
import Storage

/// What each tensor of `weights.safetensors` is made of: every tensor of the file is used once, or known to be of no use.
struct TensorPlan {
    private enum Source {
        case parts(TensorParts)
        /// The class token with the position that its file keeps apart: a register has none.
        case classToken(TensorParts, positions: String)
        /// The positions without that of the class token.
        case patchPositions(String)
    }

    private let sources: [String: Source]
    let entries: [String: WeightsFile.Entry]
    private let path: String

    /// - Parameters:
    ///   - grid: patches along a side that positions are there for.
    ///   - path: for errors.
    /// - Throws: `Failure` naming the tensors that are missing, of another shape, or not known.
    init(_ model: NamedModel, _ architecture: ViTArchitecture, grid: Int, path: String) throws {
        self.path = path
        var sources: [String: Source] = [:]
        var entries: [String: WeightsFile.Entry] = [:]
        var used: Set<String> = []
        var faults = MappingFaults()
        // The class token's own position stands apart from those of the patches, and registers have none.
        let isFolded = Self.isFolded(model, architecture, grid: grid)
        for (name, shape) in architecture.tensors(grid: grid) {
            guard let parts = model.parts(of: name) else {
                faults.missing.append(name)
                continue
            }
            for part in parts {
                guard let theirs = part.name, !used.insert(theirs).inserted, !part.isShare else { continue }
                throw Failure(.bug, path, "\(theirs) would be used twice")
            }
            if isFolded, name == "pos_embed", let theirs = parts.first?.name {
                sources[name] = .patchPositions(theirs)
            } else if isFolded, name == "cls_token", let positions = model.parts(of: "pos_embed")?.first?.name {
                sources[name] = .classToken(parts, positions: positions)
                entries[name] = WeightsFile.Entry(kind: .float32, shape: shape)
                continue
            } else {
                if let fault = model.fault(of: parts, as: shape) { faults.misshaped.append(fault) }
                sources[name] = .parts(parts)
            }
            entries[name] = WeightsFile.Entry(kind: model.kind(of: parts), shape: shape)
        }
        faults.unknown = model.entries.keys.filter { !used.contains($0) && !model.isUnused($0) }
        try faults.check(path)
        (self.sources, self.entries) = (sources, entries)
    }

    private static func isFolded(_ model: NamedModel, _ architecture: ViTArchitecture, grid: Int) -> Bool {
        guard architecture.positions == .learned, architecture.classToken, !architecture.prefixPositions,
            let parts = model.parts(of: "pos_embed"), let shape = model.shape(of: parts)
        else { return false }
        return shape.dropLast().last == grid * grid + 1
    }

    /// - Throws: `StorageError`, `Failure` for one of whole numbers.
    func tensor(_ name: String, from file: WeightsFile) throws -> StoredTensor {
        guard let source = sources[name], let entry = entries[name] else {
            throw Failure(.bug, path, "\(name) is in no plan")
        }
        switch source {
        case .parts(let parts):
            let count = entry.shape.reduce(1, *)
            let bytes = try parts.reduce(into: Data()) { bytes, part in
                bytes.append(try self.bytes(of: part, entry.kind, zeros: count / parts.count, from: file))
            }
            return StoredTensor(kind: entry.kind, shape: entry.shape, bytes: bytes)
        case .classToken(let parts, let positions):
            let token = try floats(file.tensor(parts.first?.name ?? ""), name)
            let position = try floats(file.tensor(positions), name)
            return StoredTensor(shape: entry.shape, floats: zip(token, position).map { $0 + $1 })
        case .patchPositions(let positions):
            let width = (entry.shape.last ?? 0) * entry.kind.width
            return StoredTensor(
                kind: entry.kind,
                shape: entry.shape,
                bytes: Data(try file.tensor(positions).bytes.dropFirst(width))
            )
        }
    }

    private func bytes(
        of part: TensorPiece,
        _ kind: StoredTensor.Kind,
        zeros: Int,
        from file: WeightsFile
    ) throws -> Data {
        guard let name = part.name else { return Data(count: zeros * kind.width) }
        var tensor = try file.tensor(name)
        // Parts of different types become fp32 together.
        if tensor.kind != kind { tensor = StoredTensor(shape: tensor.shape, floats: try floats(tensor, name)) }
        switch part {
        case .named, .zeros: return tensor.bytes
        case .transposed: return tensor.transposedBytes
        case .part(_, let parts, let count):
            let size = tensor.bytes.count / count
            let start = tensor.bytes.startIndex + parts.lowerBound * size
            return tensor.bytes[start..<(start + parts.count * size)]
        }
    }

    private func floats(_ tensor: StoredTensor, _ name: String) throws -> [Float] {
        guard let floats = tensor.floats else {
            throw Failure(.encoder, path, "\(name) holds \(tensor.kind.rawValue), no fractions")
        }
        return floats
    }
}

extension NamedModel {
    /// The type that the parts have together: fp32 where they differ.
    fileprivate func kind(of parts: TensorParts) -> StoredTensor.Kind {
        let kinds = Set(parts.compactMap { $0.name.flatMap { entries[$0]?.kind } })
        guard let kind = kinds.first, kinds.count == 1 else { return .float32 }
        return kind
    }

    /// Why the parts do not make up a tensor of ours; nil where they do. Sides of 1 may be there or not.
    fileprivate func fault(of parts: TensorParts, as wanted: [Int]) -> String? {
        for part in parts {
            guard let name = part.name else { continue }
            if let kind = entries[name]?.kind, !kind.isFloating {
                return "\(name) holds \(kind.rawValue), no fractions"
            }
            guard let found = shape(part), let rows = found.first else {
                return "\(name) has the shape \(entries[name]?.shape ?? []), which is of no use here"
            }
            let whole = parts.count == 1 ? found : [rows * parts.count] + found.dropFirst()
            let fits = whole == wanted || whole.filter { $0 != 1 } == wanted.filter { $0 != 1 }
            guard fits else {
                let share = parts.count == 1 ? "" : "a part of "
                return "\(name) has the shape \(entries[name]?.shape ?? []), and \(share)\(wanted) is wanted"
            }
        }
        return nil
    }
}

extension StoredTensor {
    /// Of a matrix, its columns as rows.
    fileprivate var transposedBytes: Data {
        guard shape.count == 2 else { return bytes }
        let (rows, columns, width) = (shape[0], shape[1], kind.width)
        var result = Data(capacity: bytes.count)
        for column in 0..<columns {
            for row in 0..<rows {
                let place = bytes.startIndex + (row * columns + column) * width
                result.append(bytes[place..<(place + width)])
            }
        }
        return result
    }
}

/// What keeps a file from being mapped.
struct MappingFaults {
    var missing: [String] = []
    var misshaped: [String] = []
    var unknown: [String] = []

    func check(_ path: String) throws {
        guard !(missing.isEmpty && misshaped.isEmpty && unknown.isEmpty) else { return }
        var words: [String] = []
        if !missing.isEmpty { words.append("missing: \(Self.shown(missing))") }
        words += misshaped.prefix(3)
        if misshaped.count > 3 { words.append("\(misshaped.count - 3) more have another shape") }
        if !unknown.isEmpty { words.append("not known: \(Self.shown(unknown))") }
        throw Failure(
            .encoder,
            path,
            "its tensors are not those of the network: \(words.joined(separator: "; ")); "
                + "save a network that is not known here with torch.jit.trace and torch.jit.save"
        )
    }

    private static func shown(_ names: [String]) -> String {
        let first = names.sorted().prefix(3).joined(separator: ", ")
        return names.count > 3 ? "\(first) and \(names.count - 3) more" : first
    }
}
