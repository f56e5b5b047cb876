"""Python 2 programs and what they print; ``python2.7 python2_programs.py`` records it in ``python2_programs.json``."""

import json
import os

PROGRAMS = {}
RECORDED = os.path.splitext(os.path.abspath(__file__))[0] + ".json"


def add(name, text):
    PROGRAMS[name] = text.strip("\n") + "\n"


add(
    "division",
    """
print 7 / 2, -7 / 2, 7 / 2., 7. / 2, True / 2, 10 ** 20 / 3
x = 7
x /= 2
print x
""",
)
add(
    "division of the future",
    """
from __future__ import division
print 7 / 2, 7 // 2
""",
)
add(
    "division of attributes and items, evaluated once",
    """
class A(object):
    n = 9
    def __init__(self): self.d = {'a': 7, (1, 2): 9}
calls = []
def make():
    calls.append(1)
    return a
def key():
    calls.append(2)
    return 'a'
a = A()
make().n /= 2
make().d[key()] /= 2
a.d[1, 2] /= 2
l = [5, 7, 9]
l[-1] /= 2
print a.n, sorted(a.d.values()), calls, l
""",
)
add(
    "division that a class says",
    """
class V(object):
    def __init__(self, n): self.n = n
    def __div__(self, other): return V(('div', self.n, other))
    def __rdiv__(self, other): return V(('rdiv', other, self.n))
    def __idiv__(self, other): return V(('idiv', self.n, other))
    def __truediv__(self, other): return V('true')
v = V(3)
print (v / 2).n, (2 / v).n, (2.5 / v).n
v /= 4
print v.n
""",
)
add(
    "division text",
    """
print eval("7 / 2")
exec "print 9 / 2"
""",
)
add(
    "print",
    """
import sys
print
print "a", 1, (2, 3)
print ("a")
print ("a", "b")
print "%d %s" % (1, "x")
print >>sys.stdout, "to", "file"
print "no newline",
print "here"
print 'it''s', "x" "y"
print "line\\n", "next",
print "\\ttab", 2,
print
for i in range(3):
    print i,
sys.stdout.write("|")
""",
)
add(
    "except",
    """
def f(kind):
    try:
        raise kind, ("a", 1)
    except (KeyError, IndexError), e:
        return type(e).__name__, e.args
    except ValueError, (a, b):
        return a, b
print f(KeyError), f(ValueError)
try:
    raise ValueError("late")
except ValueError, e:
    pass
print e, e.message, e.args
try:
    try:
        raise ValueError, "inner"
    except ValueError, e:
        raise KeyError, e, None
except KeyError, e:
    print e.args[0].args
""",
)
add(
    "raise",
    """
class E(Exception): pass
for what in ("E", "E, 1", "E, (1, 2)", "E, E(3)", "E(4), None"):
    try:
        exec "raise " + what
    except E, e:
        print e.args
""",
)
add(
    "exec",
    """
def f(a):
    exec "b = a + 1"
    exec "a = 10"
    c = 1
    exec "c = c + b"
    return a, b, c
print f(1)
ns = {'k': 2}
exec "k2 = k * 2" in ns
print ns['k2']
exec "m = 3" in ns, ns
print ns['m']
exec compile("z = 5", "<s>", "exec")
print z
""",
)
add(
    "literals",
    r"""
print 0755, 010, 0xFFL == 255, 10l == 10, 1e3, 07
print `1 + 1`, `"a"`, 1 <> 2, 1 <> 1
print "\d", "C:\new".replace("\n", "|"), len("\u1234"), len(u"\u1234"), len("\N{DASH}"), ur"\d", r"\u"
print 10L.bit_length()
""",
)
add(
    "tabs",
    '''
if True:
        print "eight spaces"
\tprint "a tab"
\tif True:
\t    print "a tab and four"
            print "twelve"
s = """
\ta tab inside"""
print s == "\\n\\ta tab inside"
''',
)
add(
    "tuple parameters",
    """
def f((a, b), c, (d, (e, g))=(1, (2, 3))):
    return a, b, c, d, e, g
print f((1, 2), 3), f((1, 2), 3, (4, (5, 6)))
print map(lambda (k, v): k + v, [(1, 2), (3, 4)]), (lambda (x): x)(3)
print (lambda (x, (y, z)), w: x + y + z + w)((1, (2, 3)), 4)
print sorted({1: 'b', 2: 'a'}.items(), key=lambda (k, v): v)
""",
)
add(
    "lists",
    """
print map(str, [1, 2]), map(None, [1, 2], [3]), map(lambda a, b: (a, b), [1, 2], [3])
print filter(None, [0, 1]), filter(lambda c: c > 'a', 'abc'), filter(lambda n: n, (0, 1))
print zip([1, 2], 'ab'), zip(), range(3), range(1, 7, 2)
print range(4)[1:3] + [9], len(zip([1], [2])), xrange(3)[1], list(xrange(1, 3))
print reduce(lambda a, b: a * b, [1, 2, 3], 10), apply(max, (1, 2)), apply(dict, (), {'a': 1})
""",
)
add(
    "dictionaries",
    """
d = {1: 'a', 2: 'b'}
print d.has_key(1), d.has_key(3), d.keys()[0], d.values()[1], d.items()[0]
print sorted(d.iteritems()), sorted(d.iterkeys()), sorted(d.itervalues()), list(d.viewkeys())
for k in d.keys():
    del d[k]
print d, map({1: 2}.has_key, [1, 2]), {1: 2}.iteritems().next()
import collections
o = collections.OrderedDict([('x', 1)])
print o.keys() + ['y'], o.items()[0], collections.Counter('aab').most_common(1)
print collections.defaultdict(int, a=1).keys()
class D(dict):
    def keys(self): return 'own'
print D().keys()
""",
)
add(
    "order",
    """
l = [3, 1, 2]
l.sort(lambda a, b: cmp(b, a))
print l
l.sort(cmp=lambda a, b: a - b, reverse=True)
print l, sorted(l, lambda a, b: a - b), sorted('bA', cmp=lambda a, b: cmp(a.lower(), b.lower()))
l.sort(key=lambda n: -n)
print l, sorted([(1, 'b'), (0, 'a')], key=lambda p: p[1], reverse=True)
l.sort(lambda a, b: cmp(a, b), lambda n: n % 3)
print l
print sorted([3, None, 'a', 1.5, (1,), [2]]), max(None, 2), min([None, 1])
print max([1, 3, 2], key=lambda n: -n), max('ab', 'b')
print cmp(1, 2), cmp('b', 'a'), cmp([1], [1]), cmp(None, 0)
""",
)
add(
    "classes",
    """
class Meta(type):
    def __new__(meta, name, bases, members):
        members['made'] = name
        return type.__new__(meta, name, bases, members)
class A(object):
    __metaclass__ = Meta
    def __init__(self, n): self.n = n
    def __nonzero__(self): return self.n > 0
    def __eq__(self, other): return self.n == other.n
class B(A): pass
print A.made, B.made, bool(A(1)), bool(A(0)), A(1) == A(1), len({A(1): 1, A(2): 2}), isinstance(hash(A(1)), int)
class C:
    def __init__(self, n): self.n = n
    def __cmp__(self, other): return cmp(self.n, other.n)
print C(1) < C(2), C(1) == C(1), sorted([C(2), C(1)])[0].n, max(C(1), C(3)).n
class I(object):
    def __init__(self): self.n = 0
    def __iter__(self): return self
    def next(self):
        self.n += 1
        if self.n > 2: raise StopIteration
        return self.n
print list(I()), I().next(), sum(I())
class S(object):
    def __getslice__(self, i, j): return (i, j)
    def __getitem__(self, i): return i
    def __len__(self): return 10
print S()[1:3], S()[-2:-1], S()[4]
""",
)
add(
    "functions",
    """
def f(a, b=2):
    "doc"
print f.func_name, f.func_defaults, f.func_code.co_argcount, f.func_doc, f.func_globals is globals()
class A(object):
    def m(self): pass
a = A()
print a.m.im_self is a, a.m.im_func.__name__, a.m.im_class.__name__
def g():
    yield 1
    yield 2
i = g()
print i.next(), i.next(), iter([3]).next()
""",
)
add(
    "globals and comprehensions",
    """
def f():
    print n
    global n
    n = 2
n = 1
f()
print n, [i for i in range(3)], i
global n
def g():
    r = [(p, q) for p in range(2) for q in 'ab']
    return p, q, r
print g()
print [x for x in 1, 2], [x for x in lambda: 1, 2][1]
""",
)
add(
    "strings",
    """
print "616263".decode("hex"), "abc".encode("hex"), u"abc".encode("utf8"), "abc".decode("utf8") == u"abc"
print "YWJj".decode("base64")
print isinstance("a", basestring), isinstance(u"a", unicode), isinstance(1, basestring), unicode(3), unichr(97)
print "hello".translate(None, "l"), "abc".translate("".join(map(chr, range(256)))), type("a").__name__
import string
print string.letters[:2], string.join(["a", "b"], "-"), string.split("a b"), string.upper("a"), string.atoi("7")
print u"ab\\xe9".encode("ascii", "ignore")
""",
)
add(
    "numbers",
    """
print round(2.5), round(-0.5), round(0.5), round(2.675, 2), round(1234.5, -2), round(3), type(round(3)).__name__
print isinstance(3L, (int, long)), long("12"), int(3.9), coerce(1, 2.5), divmod(7, 2), 2 ** 70 / 2 ** 68
import sys
print sys.maxint == 2 ** 63 - 1, hex(255), abs(-3)
""",
)
add(
    "modules",
    """
import cPickle, pickle, StringIO, cStringIO, itertools, operator, types
import Queue, ConfigParser, copy_reg, os, urllib, urlparse
s = StringIO.StringIO()
cPickle.dump({'a': [1, 2]}, s)
print cPickle.loads(s.getvalue()), cPickle.load(cStringIO.StringIO(pickle.dumps((1, 'x'), -1)))
print list(itertools.izip([1], [2])), list(itertools.imap(None or abs, [-1]))
print operator.isCallable(len), types.StringType is str
print Queue.Queue().empty(), os.getcwdu() == os.getcwd(), urllib.quote('a b'), urlparse.urlparse('http://a/b').netloc
from itertools import izip_longest, ifilter
print list(izip_longest([1, 2], [3])), list(ifilter(None, [0, 1]))
import csv
print list(csv.reader(StringIO.StringIO("a,b")))
import hashlib, md5
print hashlib.md5("abc").hexdigest()[:6], md5.new("abc").hexdigest()[:6], hashlib.sha1(u"abc").hexdigest()[:6]
import subprocess
print subprocess.Popen(["echo", "hi"], stdout=subprocess.PIPE).communicate()[0].split()
import __builtin__
print __builtin__.map is map, sorted.__name__ != ''
from sets import Set
print len(Set([1, 1]))
""",
)
add(
    "random numbers",
    """
import random
random.seed(3)
l = range(10)
random.shuffle(l)
print l, random.randint(0, 100), random.choice(range(50)), random.sample(xrange(100), 4), random.randrange(7)
r = random.Random(5)
print r.randint(1, 6), r.choice("abcdef"), int(r.random() * 1e6), int(random.uniform(0, 1e6))
""",
)
add(
    "files",
    """
import os, tempfile
p = os.path.join(tempfile.mkdtemp(), "f")
f = open(p, "wb"); f.write("a\\r\\nb\\n"); f.close()
print [len(line) for line in open(p)], open(p, "U").read() == "a\\nb\\n", len(file(p).read())
f = file(p, "w"); print >>f, "x", 1; f.close()
print open(p).readlines(), open(p).next(), isinstance(open(p), file), [l for l in open(p).xreadlines()]
import cPickle
cPickle.dump([1], open(p, "w")); print cPickle.load(open(p)), cPickle.load(open(p, "rb"))
execfile_text = "made = 7 / 2\\nprint 'in it', made"
open(p, "w").write(execfile_text)
execfile(p)
print made
ns = {}
execfile(p, ns)
print ns["made"]
""",
)
add(
    "names",
    """
async = 1
class A: pass
a = A()
a.async = 2
a.await = 3
print async, a.async, a.await
""",
)


def outputs():
    """What each program prints under the Python 2 that this runs on."""
    import subprocess
    import sys

    return {n: subprocess.check_output([sys.executable, "-c", text]).decode("utf8") for n, text in PROGRAMS.items()}


if __name__ == "__main__":
    with open(RECORDED, "w") as file:
        json.dump(outputs(), file, indent=1, sort_keys=True)
