import Foundation
import MIL
import Records
import Storage
import Testing
import Torch

/// Parameters w_i = s · sin(1.3 i + 0.7 t), i from 1; t is the tensor's place in `order`, from 1, or where there is none
/// counts the tensors as a model asks for them.
final class SineParameters: ParameterSource {
    private let scale: Double
    private let order: [String]
    private(set) var names: [String] = []

    init(scale: Double = 0.5, order: [String] = []) {
        self.scale = scale
        self.order = order
    }

    func values(_ name: String, shape: [Int], _ first: FirstValues) throws -> [Float] {
        names.append(name)
        let place = order.isEmpty ? names.count : try #require(order.firstIndex(of: name), "\(name)") + 1
        return (1...shape.reduce(1, *)).map { Float(scale * sin(1.3 * Double($0) + 0.7 * Double(place))) }
    }
}

/// A bag [count, width] with x_i = cos(0.9 i), i from 1.
func cosineBag(_ count: Int, _ width: Int) throws -> Tensor {
    try Tensor((1...(count * width)).map { Float(cos(0.9 * Double($0))) }, shape: [count, width])
}

/// Layers whose rows have nothing in common: s · sin(0.37 (i² mod 4001) + 0.7 t), i and t as `SineParameters` has them; s is 0.3 for
/// norms and position encodings, and 1 more for the scales of norms.
final class ChirpParameters: ParameterSource {
    private let scale: Double
    private var count = 0

    init(scale: Double = 0.05) { self.scale = scale }

    func values(_ name: String, shape: [Int], _ first: FirstValues) -> [Float] {
        count += 1
        let scale: Double = name.contains("norm") || name.contains(".pe.") ? 0.3 : scale
        let shift: Double = name.hasSuffix("norm.weight") ? 1.0 : 0
        return (1...shape.reduce(1, *)).map { (place: Int) -> Float in
            let angle = 0.37 * Double(place * place % 4001) + 0.7 * Double(count)
            return Float(shift + scale * sin(angle))
        }
    }
}

/// A bag [count, 6] with x_i = 2 sin(0.37 (i² mod 4001)), i from 1.
func chirpBag(_ count: Int) throws -> Tensor {
    try Tensor((1...(count * 6)).map { Float(2 * sin(0.37 * Double($0 * $0 % 4001))) }, shape: [count, 6])
}

/// Draws that must not be asked for.
struct NoDraws: Draws {
    func uniform(_ name: String, _ shape: [Int]) throws -> [Float] { throw Unexpected(name: name) }

    func permutation(_ name: String, _ count: Int) throws -> [Int] { throw Unexpected(name: name) }

    func key(_ name: String) throws -> UInt64 { throw Unexpected(name: name) }

    struct Unexpected: Error { let name: String }
}

/// Draws from a record, in the order of the calls.
final class ReplayedDraws: Draws {
    private var record: [(shape: [Int], values: [Float])]

    init(_ record: [(shape: [Int], values: [Float])]) { self.record = record.reversed() }

    var isExhausted: Bool { record.isEmpty }

    func uniform(_ name: String, _ shape: [Int]) throws -> [Float] {
        let draw = record.popLast()
        let next = try #require(draw, "the record holds no draw for \(name)")
        try #require(next.shape == shape, "\(name) wants \(shape), the record has \(next.shape)")
        return next.values
    }

    func permutation(_ name: String, _ count: Int) throws -> [Int] { try uniform(name, [count]).map { Int($0) } }

    func key(_ name: String) throws -> UInt64 { throw NoDraws.Unexpected(name: name) }
}

/// Bags made in memory.
struct MemoryBags: BagSource {
    var bags: [SlideID: Bag] = [:]

    func bag(_ slide: SlideID) throws -> Bag { try #require(bags[slide]) }

    mutating func add(_ slide: SlideID, width: Int, _ features: [Float]) {
        let part = BagPart(slide: slide, rows: 0..<(features.count / max(1, width)), corners: [])
        bags[slide] = Bag(unit: slide.text, parts: [part], width: width, features: features)
    }
}

extension MILModel {
    /// The loss of a first step.
    func trainingLoss(_ features: Tensor, label: Int, draws: any Draws) throws -> TrainingLoss {
        try trainingLoss(features, target: .class(label), TrainingStep(draws: draws))
    }
}
