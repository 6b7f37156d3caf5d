/// Several seeds of a training: a list of them, or their number, which stands for the seeds from 0 on.
public enum TrainingSeeds: Codable, Hashable, Sendable, ExpressibleByArrayLiteral {
    static let words =
        "Several seeds instead of one: every fold is trained once with each, and their mean is judged beside each. "
        + "A number n stands for the seeds 0 to n - 1."

    case count(Int)
    case given([UInt64])

    public init(arrayLiteral elements: UInt64...) { self = .given(elements) }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let count = try? container.decode(Int.self) {
            self = .count(count)
        } else {
            self = .given(try container.decode([UInt64].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .count(let count): try container.encode(count)
        case .given(let seeds): try container.encode(seeds)
        }
    }

    public var list: [UInt64] {
        switch self {
        case .count(let count): (0..<max(0, count)).map(UInt64.init)
        case .given(let seeds): seeds
        }
    }
}

extension ConfigValues where Value == TrainingSeeds {
    static var seeds: Self {
        let most = 1000
        let number = ConfigValues<Int>.whole(2...most)
        let list = ConfigValues<[UInt64]>.list(of: .seed, 2...most, isDistinct: true)
        return Self(.either([number.shape, list.shape])) { seeds, path in
            switch seeds {
            case .count(let count): try number.check(count, path)
            case .given(let seeds): try list.check(seeds, path)
            }
        }
    }
}
