import Foundation
import Records
import Storage

/// The tensors of a file whose names become ours by rules.
struct RenamedTensors {
    /// Under our names.
    let entries: [String: WeightsFile.Entry]
    /// The file's names by ours.
    private let names: [String: String]
    private let path: String

    /// - Parameters:
    ///   - mark: a tensor that every file of the naming has, below what else its names begin with.
    ///   - path: for errors.
    ///   - rename: our name for one of the file; nil for what an encoder has no use for.
    /// - Returns: nil for the tensors of another naming.
    /// - Throws: `Failure` where several models are in the file.
    init?(
        _ file: [String: WeightsFile.Entry],
        mark: String,
        path: String,
        _ rename: (String) -> String?
    ) throws {
        let roots = file.keys.filter { $0 == mark || $0.hasSuffix(".\(mark)") }.map { String($0.dropLast(mark.count)) }
        guard let root = try NamedModel.root(of: roots, path: path) else { return nil }
        var (entries, names): ([String: WeightsFile.Entry], [String: String]) = ([:], [:])
        for (name, entry) in file {
            // What is not of the model is known to stand beside one, or is a stranger under its own name.
            let found =
                name.hasPrefix(root)
                ? rename(String(name.dropFirst(root.count))) : NamedModel.isBeside(name) ? nil : name
            guard let ours = found else { continue }
            if let other = names[ours] {
                throw Failure(
                    .encoder,
                    path,
                    "\(min(name, other)) and \(max(name, other)) are one tensor of its network"
                )
            }
            (entries[ours], names[ours]) = (entry, name)
        }
        (self.entries, self.names, self.path) = (entries, names, path)
    }

    /// The shape of a tensor that is there, of so many sides that anybody could multiply.
    /// - Throws: `Failure` naming it.
    func shape(_ ours: String, rank: Int) throws -> [Int] {
        guard let shape = entries[ours]?.shape, shape.count == rank, shape.allSatisfy((1...1 << 24).contains) else {
            let found = entries[ours].map { "has the shape \($0.shape)" } ?? "is missing"
            throw Failure(.encoder, path, "\(names[ours] ?? ours) \(found), so that its network cannot be told")
        }
        return shape
    }

    /// How many numbers from 0 on, up to 64, name a tensor that is there.
    func count(_ name: (Int) -> String) -> Int { (0..<64).prefix { entries[name($0)] != nil }.count }

    /// - Throws: `Failure` naming the tensors that are missing, of another shape, or not known.
    func check(against wanted: [(name: String, shape: [Int])]) throws {
        var faults = MappingFaults()
        for (name, shape) in wanted {
            guard let entry = entries[name] else {
                faults.missing.append(name)
                continue
            }
            let theirs = names[name] ?? name
            if !entry.kind.isFloating {
                faults.misshaped.append("\(theirs) holds \(entry.kind.rawValue), no fractions")
            } else if entry.shape.filter({ $0 != 1 }) != shape.filter({ $0 != 1 }) {
                faults.misshaped.append("\(theirs) has the shape \(entry.shape), and \(shape) is wanted")
            }
        }
        let known = Set(wanted.map(\.name))
        faults.unknown = entries.keys.filter { !known.contains($0) }.map { names[$0] ?? $0 }
        try faults.check(path)
    }

    /// - Parameter shape: that it is wanted in, which may have other sides of 1.
    func tensor(_ ours: String, as shape: [Int], from file: WeightsFile) throws -> StoredTensor {
        guard let name = names[ours] else { throw Failure(.bug, path, "\(ours) is in no plan") }
        let tensor = try file.tensor(name)
        return StoredTensor(kind: tensor.kind, shape: shape, bytes: tensor.bytes)
    }
}

/// A network of a family whose names follow rules.
struct RenamedPlan {
    private let tensors: RenamedTensors
    private let shapes: [String: [Int]]

    /// - Throws: `Failure` naming the tensors that do not fit.
    init(_ tensors: RenamedTensors, _ wanted: [(name: String, shape: [Int])]) throws {
        try tensors.check(against: wanted)
        self.tensors = tensors
        shapes = Dictionary(uniqueKeysWithValues: wanted.map { ($0.name, $0.shape) })
    }

    var entries: [String: WeightsFile.Entry] {
        shapes.reduce(into: [:]) { entries, tensor in
            guard let kind = tensors.entries[tensor.key]?.kind else { return }
            entries[tensor.key] = WeightsFile.Entry(kind: kind, shape: tensor.value)
        }
    }

    func tensor(_ name: String, from file: WeightsFile) throws -> StoredTensor {
        try tensors.tensor(name, as: shapes[name] ?? [], from: file)
    }
}

/// Weight and bias of a layer or normalisation.
func layerTensors(_ name: String, _ shape: [Int]) -> [(name: String, shape: [Int])] {
    [("\(name).weight", shape), ("\(name).bias", [shape[0]])]
}
