// Peer 2: NestJS on Fastify, with Mercurius and a DataLoader per request.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { GraphQLModule, Resolver, Query, ResolveField, Parent, Args, Context } from '@nestjs/graphql';
import { MercuriusDriver } from '@nestjs/mercurius';
const DataLoader = require('dataloader');
const d = require('./data');
const loaders = () => ({
  users: new DataLoader((k: any) => d.users(k)), categories: new DataLoader((k: any) => d.categories(k)),
  answers: new DataLoader((k: any) => d.children('Answer', 'A', k), { cacheKeyFn: (k: any) => k.parent }),
  comments: new DataLoader((k: any) => d.children('Comment', 'C', k), { cacheKeyFn: (k: any) => k.parent }),
});
@Resolver('Query') class QueryResolver {
  @Query('questions') questions(@Args('first') first: number, @Args('after') after: string) { return d.questions(first, after); }
  @Query('question') question(@Args('databaseId') id: number) { return d.question(id); }
  @Query('users') users(@Args('first') first: number) { return d.top(first); }
}
@Resolver('Question') class QuestionResolver {
  @ResolveField('author') author(@Parent() p: any, @Context() c: any) { return p.userid == null ? null : c.l.users.load(p.userid); }
  @ResolveField('category') category(@Parent() p: any, @Context() c: any) { return p.categoryid == null ? null : c.l.categories.load(p.categoryid); }
  @ResolveField('comments') comments(@Parent() p: any, @Args('first') first: number, @Context() c: any) { return c.l.comments.load({ parent: p.postid, first }); }
  @ResolveField('answers') answers(@Parent() p: any, @Args('first') first: number, @Context() c: any) { return c.l.answers.load({ parent: p.postid, first, accepted: p.selchildid }); }
}
@Resolver('Answer') class AnswerResolver {
  @ResolveField('author') author(@Parent() p: any, @Context() c: any) { return p.userid == null ? null : c.l.users.load(p.userid); }
  @ResolveField('comments') comments(@Parent() p: any, @Args('first') first: number, @Context() c: any) { return c.l.comments.load({ parent: p.postid, first }); }
}
@Resolver('Comment') class CommentResolver {
  @ResolveField('author') author(@Parent() p: any, @Context() c: any) { return p.userid == null ? null : c.l.users.load(p.userid); }
}
@Module({ imports: [GraphQLModule.forRoot<any>({ driver: MercuriusDriver, typeDefs: require('./sdl'), graphiql: false, jit: process.env.NEST_JIT ? 1 : 0, context: () => ({ l: loaders() }) })],
  providers: [QueryResolver, QuestionResolver, AnswerResolver, CommentResolver] }) class App {}
NestFactory.create(App, new FastifyAdapter(), { logger: ['error', 'warn'] }).then((a) => a.listen(Number(process.env.PORT || 4102), '127.0.0.1'));
